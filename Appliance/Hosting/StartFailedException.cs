namespace Clob.Appliance;

/// <summary>The start failed for a reason that the operator can cure; the message is all there is to say.</summary>
internal sealed class StartFailedException(string message, Exception cause) : Exception(message, cause);
