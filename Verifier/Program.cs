using System.Text;
using Clob.Verifier.Commands;
using Clob.Verifier.Reports;

// The last line holds a character that not every terminal's own encoding has.
Console.OutputEncoding = new UTF8Encoding(encoderShouldEmitUTF8Identifier: false);
return VerifierCommandLine.Run(args, StandardOutput.Open(), Console.Error, interactive: !Console.IsOutputRedirected);
