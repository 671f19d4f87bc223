using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using Clob.Protocol;

namespace Clob.Proofs;

/// <summary>What signers and verifiers of C2SP signed notes share: the rules for key names, the key id and base64.</summary>
internal static class NoteKey
{
    /// <summary>The signature type of C2SP's list: Ed25519 over the note's text.</summary>
    internal const byte Ed25519Type = 0x01;

    internal static bool IsName(ReadOnlySpan<char> name)
    {
        foreach (char letter in name)
        {
            if (letter == '+' || char.IsWhiteSpace(letter) || char.IsControl(letter))
                return false;
        }
        return !name.IsEmpty;
    }

    /// <summary>The first four bytes, big-endian, of SHA-256(name ‖ '\n' ‖ 01 ‖ public key).</summary>
    internal static uint Id(string name, ReadOnlySpan<byte> publicKey)
    {
        byte[] preimage = [.. Encoding.UTF8.GetBytes(name), (byte)'\n', Ed25519Type, .. publicKey];
        return BinaryPrimitives.ReadUInt32BigEndian(SHA256.HashData(preimage));
    }

    /// <summary>Decodes the one standard form of RFC 4648 section 4: padded, no white space, unused bits zero.</summary>
    internal static byte[]? DecodeBase64(ReadOnlySpan<char> text)
    {
        byte[] bytes = new byte[(text.Length / 4 * 3) + 3];
        if (!Convert.TryFromBase64Chars(text, bytes, out int length))
            return null;
        Array.Resize(ref bytes, length);
        // The decoder is lenient about white space and unused bits; only the form the encoder gives is taken.
        return text.SequenceEqual(Convert.ToBase64String(bytes)) ? bytes : null;
    }
}

/// <summary>A name and an Ed25519 public key whose signatures on notes are trusted.</summary>
public sealed class NoteVerifier
{
    /// <summary>Trusts this key under this name.</summary>
    /// <exception cref="ArgumentException">The name is empty or holds a space, a plus or a control character.</exception>
    public NoteVerifier(string name, VerifyingKey key)
    {
        if (!NoteKey.IsName(name))
            throw new ArgumentException($"'{name}' is not a key name: it must not be empty or hold spaces, '+' or control characters.", nameof(name));
        Name = name;
        Key = key;
        KeyId = NoteKey.Id(name, key.Bytes);
    }

    /// <summary>The key's name, by convention the origin of the log it signs for.</summary>
    public string Name { get; }

    /// <summary>The first four bytes of SHA-256(name ‖ '\n' ‖ 01 ‖ public key), big-endian.</summary>
    public uint KeyId { get; }

    /// <summary>The public key.</summary>
    public VerifyingKey Key { get; }

    /// <summary>Reads a verifier key: <c>name+8 hexadecimal digits of the key id+base64(01 ‖ public key)</c>.</summary>
    public static bool TryParse(string text, out NoteVerifier? verifier, out string? error)
    {
        verifier = null;
        // A name has no plus, base64 may: so the first two count.
        string[] parts = text.Split('+', 3);
        if (parts.Length != 3)
            error = "a verifier key has three parts: name+id+key";
        else if (!NoteKey.IsName(parts[0]))
            error = "the name of a verifier key must not be empty or hold spaces or control characters";
        else if (NoteKey.DecodeBase64(parts[2]) is not { Length: 1 + VerifyingKey.Size } key)
            error = $"the key of a verifier key is not the base64 of {1 + VerifyingKey.Size} bytes";
        else if (key[0] != NoteKey.Ed25519Type)
            error = $"the key of a verifier key has type {key[0]}, only {NoteKey.Ed25519Type} (Ed25519) is known";
        else if (VerifyingKey.TryImport(key.AsSpan(1)) is not { } imported)
            error = "the key of a verifier key is not an Ed25519 public key";
        else if (new NoteVerifier(parts[0], imported) is var made && made.IdText != parts[1])
            error = $"the id of a verifier key is '{parts[1]}', its name and key give '{made.IdText}'";
        else
            (verifier, error) = (made, null);
        return verifier is not null;
    }

    private string IdText => KeyId.ToString("x8", null);

    /// <summary>The verifier key as text, the form <see cref="TryParse"/> reads.</summary>
    public override string ToString() => $"{Name}+{IdText}+{Convert.ToBase64String([NoteKey.Ed25519Type, .. Key.Bytes])}";
}

/// <summary>Signs notes under a name. The private key stays its owner's, who disposes of it.</summary>
public sealed class NoteSigner
{
    private readonly SigningKey _key;

    /// <summary>Signs with this key under this name.</summary>
    /// <exception cref="ArgumentException">The name is empty or holds a space, a plus or a control character.</exception>
    public NoteSigner(string name, SigningKey key)
    {
        _key = key;
        Verifier = new NoteVerifier(name, VerifyingKey.TryImport(key.PublicKey)
            ?? throw new InvalidOperationException("The public key of a signing key was not imported."));
    }

    /// <summary>What others need to check the signatures.</summary>
    public NoteVerifier Verifier { get; }

    /// <summary>The text as a note with one signature.</summary>
    /// <exception cref="ArgumentException">The text cannot be a note's: it does not end in a line feed, holds another control character, or is too long.</exception>
    public SignedNote Sign(string text)
    {
        if (SignedNote.TextError(text) is { } error)
            throw new ArgumentException(error, nameof(text));
        byte[] signature = new byte[VerifyingKey.SignatureSize];
        _key.Sign(Encoding.UTF8.GetBytes(text), signature);
        return new SignedNote(text, [new NoteSignature(Verifier.Name, Verifier.KeyId, signature)]);
    }
}
