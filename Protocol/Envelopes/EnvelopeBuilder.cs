using System.Buffers.Binary;

namespace Clob.Protocol;

/// <summary>Writes an envelope into a caller's buffer: head, then commands, then the signature.</summary>
public ref struct EnvelopeBuilder
{
    private readonly Span<byte> _buffer;
    private int _size;
    private ushort _count;

    /// <summary>Starts an envelope in <paramref name="buffer"/>, at most <see cref="Envelope.MaximumSize"/> of which is used.</summary>
    public EnvelopeBuilder(Span<byte> buffer, ulong account, ulong firstNonce, ulong expiry = 0)
    {
        _buffer = buffer[..Math.Min(buffer.Length, Envelope.MaximumSize)];
        var writer = new BigEndianWriter(_buffer);
        writer.U64(account);
        writer.U64(firstNonce);
        writer.U64(expiry);
        writer.U16(0);
        _size = writer.Written;
        _count = 0;
    }

    /// <summary>Commands written so far.</summary>
    public readonly int Count => _count;

    /// <summary>Appends a command; false when the envelope has 128 already or no room, and then nothing changed.</summary>
    public bool TryAdd<TCommand>(in TCommand command) where TCommand : struct, ICommand
    {
        Span<byte> body = stackalloc byte[byte.MaxValue];
        int length = command.Write(body);
        int needed = Command.HeadSize + length;
        if (_count == Envelope.MaximumCommands || _size + needed + Envelope.SignatureSize > _buffer.Length)
            return false;
        _buffer[_size] = (byte)TCommand.Type;
        _buffer[_size + 1] = (byte)length;
        body[..length].CopyTo(_buffer[(_size + Command.HeadSize)..]);
        _size += needed;
        _count++;
        return true;
    }

    /// <summary>Signs what was added and returns the finished envelope, a part of the buffer.</summary>
    public readonly Span<byte> Sign(SigningKey key, ReadOnlySpan<byte> venueId)
    {
        BinaryPrimitives.WriteUInt16BigEndian(_buffer[(Envelope.HeadSize - 2)..], _count);
        var envelope = _buffer[..(_size + Envelope.SignatureSize)];
        EnvelopeSignature.Sign(key, venueId, envelope);
        return envelope;
    }
}
