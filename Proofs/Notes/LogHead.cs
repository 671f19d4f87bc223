namespace Clob.Proofs;

/// <summary>
/// The head of a log, in the form of C2SP's tlog-checkpoint, to be the text of a signed note:
/// <code>
/// origin
/// size                           decimal
/// root                           base64
/// </code>
/// Extension lines, which C2SP allows and advises against, are refused: nothing could check them. (The venue's own checkpoint is
/// another text: <see cref="CheckpointRecord"/>.)
/// </summary>
/// <param name="Origin">Which log this is; not empty, one line.</param>
/// <param name="Size">The number of leaves.</param>
/// <param name="Root">The RFC 6962 root over them.</param>
public sealed record LogHead(string Origin, ulong Size, Hash256 Root)
{
    /// <summary>Reads the text of a checkpoint; the error names the line.</summary>
    public static bool TryParse(string text, out LogHead? head, out string? error)
    {
        head = null;
        FieldReader reader = new(text);
        string origin = reader.Whole("origin").ToString();
        if (origin.Length == 0)
            reader.Fail("the origin is empty");
        if (!FieldReader.TryNumber(reader.Whole("size"), out ulong size))
            reader.Fail("the size is not a decimal number of 64 bits without sign or leading zeros");
        byte[]? root = NoteKey.DecodeBase64(reader.Whole("root"));
        if (root is not { Length: Hash256.Size })
            reader.Fail($"the root is not the base64 of {Hash256.Size} bytes");
        reader.End();
        error = reader.Error;
        if (error is not null)
            return false;
        head = new LogHead(origin, size, new Hash256(root));
        return true;
    }

    /// <summary>The text of the checkpoint, to be signed under the origin as key name.</summary>
    public override string ToString() => FormattableString.Invariant($"{Origin}\n{Size}\n{Convert.ToBase64String(Root.Bytes)}\n");
}
