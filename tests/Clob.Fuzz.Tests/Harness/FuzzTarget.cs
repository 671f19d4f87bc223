namespace Clob.Fuzz.Tests;

/// <summary>Reads an input to the end, as the product would, and says what it found.</summary>
internal delegate Decoded Decoding(ReadOnlySpan<byte> input);

/// <summary>Makes an input out of valid ones.</summary>
internal delegate byte[] Alteration(Random random, IReadOnlyList<byte[]> samples);

/// <summary>What a decoder made of an input.</summary>
/// <param name="IsAccepted">Whether it took it.</param>
/// <param name="Outcome">What it said: equal for equal inputs, whatever stands beside them.</param>
/// <param name="Encoded">What was understood, encoded again; null where the layout has no writer here.</param>
internal readonly record struct Decoded(bool IsAccepted, string Outcome, byte[]? Encoded = null)
{
    public static Decoded Refused(object reason) => new(false, $"{reason}");

    public static Decoded Accepted(object outcome, byte[]? encoded = null) => new(true, $"{outcome}", encoded);
}

/// <summary>A decoder with what is known of it: valid inputs, the exceptions it documents, what it may allocate.</summary>
/// <param name="Name">Which decoder.</param>
/// <param name="Samples">Inputs made by the real encoders; all are accepted.</param>
/// <param name="Decode">The decoder.</param>
internal sealed record FuzzTarget(string Name, IReadOnlyList<byte[]> Samples, Decoding Decode)
{
    /// <summary>How inputs are made.</summary>
    public Alteration Alter { get; init; } = Mutation.Of;

    /// <summary>The exceptions that are documented answers; all others are faults.</summary>
    public IReadOnlyList<Type> Refusals { get; init; } = [];

    /// <summary>Whether what is accepted has one form only. Without it, what was encoded again must be read as the same.</summary>
    public bool IsCanonical { get; init; } = true;

    /// <summary>Whether a signature or a hash covers all of it, so that nothing but a sample may be accepted.</summary>
    public bool IsSealed { get; init; }

    /// <summary>Bytes an input may cost whatever its size: results, messages of exceptions, the test's own encoding.</summary>
    public long FixedAllocation { get; init; } = 32 * 1024;

    /// <summary>Bytes an input may cost for each of its own.</summary>
    public int AllocationPerByte { get; init; } = 16;

    public override string ToString() => Name;
}

/// <summary>A property that an input broke, with what is needed to see it again.</summary>
internal sealed class FuzzFailureException(string target, int seed, long number, string broken, byte[] input, Exception? cause = null)
    : Exception($"{target}, input {number} of seed {seed}: {broken}\nagain: CLOB_FUZZ_SEED={seed} CLOB_FUZZ_INPUT={number}\n{input.Length} bytes: {Convert.ToHexStringLower(input)}{(cause is null ? "" : $"\n{cause}")}", cause)
{
    public string Broken => broken;
}

/// <summary>What a run was made of, so that an empty one is seen.</summary>
/// <param name="Inputs">All inputs.</param>
/// <param name="Altered">Those that were no sample.</param>
/// <param name="Accepted">Inputs that were accepted.</param>
/// <param name="AlteredAccepted">Accepted ones that were no sample.</param>
internal readonly record struct FuzzCount(long Inputs, long Altered, long Accepted, long AlteredAccepted)
{
    public override string ToString() =>
        $"{Inputs:N0} inputs, {100.0 * Accepted / Inputs:F1} % accepted; {Altered:N0} altered, {100.0 * AlteredAccepted / Math.Max(Altered, 1):F1} % accepted";
}
