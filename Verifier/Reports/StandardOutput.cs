using System.Text;
using Microsoft.Win32.SafeHandles;

namespace Clob.Verifier.Reports;

/// <summary>
/// Standard output that knows when its reader is gone (<c>| head</c>): whoever prints gigabytes asks and stops. The console's own writer says
/// nothing and lets one print on into nowhere. Like that one, this drops what nobody reads, so a short report need not ask.
/// </summary>
internal sealed class StandardOutput : StreamWriter
{
    private const int Descriptor = 1;

    /// <summary>Writes to a stream.</summary>
    public StandardOutput(Stream stream)
        : base(new Pipe(stream), new UTF8Encoding(encoderShouldEmitUTF8Identifier: false)) => AutoFlush = true;

    /// <summary>Whether a write has found that nobody reads any more.</summary>
    public bool IsReaderGone => ((Pipe)BaseStream).IsReaderGone;

    /// <summary>The process's standard output.</summary>
    public static StandardOutput Open()
    {
        // A file keeps the console's stream: the position in it is shared with standard error, when both go there.
        var stream = new FileStream(new SafeFileHandle(Descriptor, ownsHandle: false), FileAccess.Write, bufferSize: 0);
        return new StandardOutput(stream.CanSeek ? Console.OpenStandardOutput() : stream);
    }

    private sealed class Pipe(Stream stream) : Stream
    {
        /// <summary>errno of a pipe or socket without a reader.</summary>
        private const int BrokenPipe = 32;

        public bool IsReaderGone { get; private set; }

        public override bool CanRead => false;

        public override bool CanSeek => false;

        public override bool CanWrite => true;

        public override long Length => throw new NotSupportedException();

        public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

        public override void Write(byte[] buffer, int offset, int count) => Write(buffer.AsSpan(offset, count));

        public override void Write(ReadOnlySpan<byte> buffer)
        {
            if (IsReaderGone)
                return;
            try
            {
                stream.Write(buffer);
            }
            catch (IOException gone) when (gone.HResult == BrokenPipe)
            {
                IsReaderGone = true;
            }
        }

        public override void Flush()
        {
            if (!IsReaderGone)
                stream.Flush();
        }

        public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();
    }
}
