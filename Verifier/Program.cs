using System.Text;
using Clob.Verifier.Commands;

// The last line holds a character that not every terminal's own encoding has.
Console.OutputEncoding = new UTF8Encoding(encoderShouldEmitUTF8Identifier: false);
return VerifierCommandLine.Run(args, Console.Out, Console.Error, interactive: !Console.IsOutputRedirected);
