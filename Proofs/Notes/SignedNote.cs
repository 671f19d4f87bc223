using System.Buffers.Binary;
using System.Text;
using System.Text.Unicode;

namespace Clob.Proofs;

/// <summary>One signature line of a note, as it stands there: nothing says yet that it verifies.</summary>
/// <param name="KeyName">The name of the key that is said to have signed.</param>
/// <param name="KeyId">The id of that key.</param>
/// <param name="Signature">What follows the key id, at least one byte.</param>
public sealed record NoteSignature(string KeyName, uint KeyId, ReadOnlyMemory<byte> Signature);

/// <summary>
/// A text with signatures over it, in the form of C2SP's signed-note:
/// <code>
/// text, ending in a line feed, which the signatures cover
/// (empty line)
/// — name base64(key id u32 ‖ signature)          one line or more; the first character is U+2014
/// </code>
/// The reader takes only what the writer gives, so a note has one form: valid UTF-8, no control character but the line feed,
/// standard base64, no two lines of one key (stricter than C2SP there).
/// </summary>
public sealed class SignedNote
{
    /// <summary>
    /// The longest note in bytes. A checkpoint with a thousand batches, each with a commitment of 4 KiB, has half of it; the limit
    /// only keeps hostile input from taking memory.
    /// </summary>
    public const int MaxSize = 16 * 1024 * 1024;

    /// <summary>The most signatures: C2SP asks for 16 at least.</summary>
    public const int MaxSignatures = 64;

    private const string LinePrefix = "— ";
    private const int KeyIdSize = sizeof(uint);

    internal SignedNote(string text, IReadOnlyList<NoteSignature> signatures)
    {
        Text = text;
        Signatures = signatures;
    }

    /// <summary>The signed text, final line feed included. Not to be believed before <see cref="Verify"/>.</summary>
    public string Text { get; }

    /// <summary>The signatures in their order, at least one.</summary>
    public IReadOnlyList<NoteSignature> Signatures { get; }

    /// <summary>Reads a note; the error says what is wrong with it. No signature is checked.</summary>
    public static bool TryParse(ReadOnlySpan<byte> bytes, out SignedNote? note, out string? error)
    {
        note = null;
        if (bytes.Length > MaxSize)
            return Fail($"a note has at most {MaxSize} bytes, this one has {bytes.Length}", out error);
        if (!Utf8.IsValid(bytes))
            return Fail("a note is valid UTF-8, this one is not", out error);
        string whole = Encoding.UTF8.GetString(bytes);
        if (TextError(whole) is { } wrong)
            return Fail(wrong, out error);
        // The text may hold empty lines, the signatures may not: the last one divides.
        int divide = whole.LastIndexOf("\n\n", StringComparison.Ordinal);
        if (divide < 0)
            return Fail("a note has an empty line between its text and its signatures", out error);

        List<NoteSignature> signatures = [];
        ReadOnlySpan<char> rest = whole.AsSpan(divide + 2);
        while (!rest.IsEmpty)
        {
            int end = rest.IndexOf('\n');
            if (signatures.Count == MaxSignatures)
                return Fail($"a note has at most {MaxSignatures} signatures", out error);
            if (!TryParseLine(rest[..end], out NoteSignature? signature, out string? lineError))
                return Fail($"signature line {signatures.Count + 1}: {lineError}", out error);
            if (signatures.Exists(other => other.KeyName == signature!.KeyName && other.KeyId == signature.KeyId))
                return Fail($"signature line {signatures.Count + 1}: the key {signature!.KeyName} has signed above", out error);
            signatures.Add(signature!);
            rest = rest[(end + 1)..];
        }
        if (signatures.Count == 0)
            return Fail("a note has a signature after the empty line", out error);
        note = new SignedNote(whole[..(divide + 1)], signatures);
        error = null;
        return true;
    }

    /// <summary>
    /// True if the verifier's key has signed the text. Lines of other keys are ignored, as C2SP demands; the error says whether the
    /// key has no line or a wrong one.
    /// </summary>
    public bool Verify(NoteVerifier verifier, out string? error)
    {
        foreach (NoteSignature signature in Signatures)
        {
            if (signature.KeyId != verifier.KeyId || signature.KeyName != verifier.Name)
                continue;
            bool valid = verifier.Key.Verify(Encoding.UTF8.GetBytes(Text), signature.Signature.Span);
            error = valid ? null : $"the signature by {verifier.Name} does not verify";
            return valid;
        }
        error = $"there is no signature by {verifier.Name} with key id {verifier.KeyId:x8}";
        return false;
    }

    /// <summary>The note's bytes: the one form that <see cref="TryParse"/> reads back.</summary>
    public byte[] ToBytes() => Encoding.UTF8.GetBytes(ToString());

    /// <summary>The note as text.</summary>
    public override string ToString()
    {
        StringBuilder text = new(Text);
        text.Append('\n');
        foreach (NoteSignature signature in Signatures)
        {
            byte[] bytes = new byte[KeyIdSize + signature.Signature.Length];
            BinaryPrimitives.WriteUInt32BigEndian(bytes, signature.KeyId);
            signature.Signature.CopyTo(bytes.AsMemory(KeyIdSize));
            text.Append(LinePrefix).Append(signature.KeyName).Append(' ').Append(Convert.ToBase64String(bytes)).Append('\n');
        }
        return text.ToString();
    }

    /// <summary>What keeps this from being the text of a note, or null.</summary>
    internal static string? TextError(string text)
    {
        if (!text.EndsWith('\n'))
            return "it does not end in a line feed";
        if (text.Length > MaxSize)
            return $"it has more than {MaxSize} characters";
        for (int i = 0; i < text.Length; i++)
        {
            if (text[i] < ' ' && text[i] != '\n')
                return $"it holds the control character {(int)text[i]:x2} at character {i}";
        }
        return null;
    }

    private static bool TryParseLine(ReadOnlySpan<char> line, out NoteSignature? signature, out string? error)
    {
        signature = null;
        if (!line.StartsWith(LinePrefix, StringComparison.Ordinal))
            return Fail("it does not begin with an em dash and a space", out error);
        ReadOnlySpan<char> fields = line[LinePrefix.Length..];
        int space = fields.IndexOf(' ');
        if (space < 0)
            return Fail("it has no signature after the key name", out error);
        if (!NoteKey.IsName(fields[..space]))
            return Fail("its key name is empty or holds spaces, '+' or control characters", out error);
        if (NoteKey.DecodeBase64(fields[(space + 1)..]) is not { } bytes)
            return Fail("its signature is not standard base64", out error);
        if (bytes.Length <= KeyIdSize)
            return Fail($"its signature has {bytes.Length} bytes, a key id and a signature have more than {KeyIdSize}", out error);
        signature = new NoteSignature(fields[..space].ToString(), BinaryPrimitives.ReadUInt32BigEndian(bytes), bytes.AsMemory(KeyIdSize));
        error = null;
        return true;
    }

    private static bool Fail(string reason, out string? error)
    {
        error = reason;
        return false;
    }
}
