using System.Diagnostics;

namespace Clob.Fuzz.Tests;

/// <summary>Gives a decoder inputs and holds each to the properties; the first that breaks one ends the run.</summary>
internal sealed class Fuzzer(FuzzTarget target, int seed)
{
    private const int Margin = 64; // bytes of poison on either side of an input
    private static readonly byte[] Poisons = [0x00, 0xFF];

    private byte[] _input = [];
    private long _number;
    private long _accepted;
    private long _altered;
    private long _alteredAccepted;

    /// <summary>How long one input may take. Far above any that ends at all, on however busy a machine.</summary>
    public TimeSpan Patience { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>Runs on a thread of its own, so that a decoder that does not come back is named and the rest goes on.</summary>
    /// <exception cref="FuzzFailureException">A property does not hold.</exception>
    public FuzzCount Run(TimeSpan duration, int? only = null)
    {
        Exception? failure = null;
        var thread = new Thread(() =>
        {
            try
            {
                TrySamples();
                TryInputs(duration, only);
            }
            catch (Exception caught)
            {
                failure = caught;
            }
        })
        { IsBackground = true };
        thread.Start();
        while (!thread.Join(Patience / 4))
            RequireProgress(thread);
        return failure is null ? new FuzzCount(_number, _altered, _accepted, _alteredAccepted) : throw failure;
    }

    private void RequireProgress(Thread thread)
    {
        long number = Volatile.Read(ref _number);
        byte[] input = Volatile.Read(ref _input);
        if (!thread.Join(Patience) && Volatile.Read(ref _number) == number)
            throw Failure(number, $"not done after {Patience.TotalSeconds} s", input);
    }

    private void TrySamples()
    {
        foreach (byte[] sample in target.Samples)
        {
            if (!Try(sample).IsAccepted)
                throw Failure(-1, "a valid input was refused", sample);
        }
    }

    private void TryInputs(TimeSpan duration, int? only)
    {
        long end = Stopwatch.GetTimestamp() + (long)(duration.TotalSeconds * Stopwatch.Frequency);
        for (_number = only ?? 0; Stopwatch.GetTimestamp() < end; Volatile.Write(ref _number, _number + 1))
        {
            var random = new Random(unchecked((seed * 1_000_003) + (int)_number));
            byte[] input = target.Alter(random, target.Samples);
            bool isAltered = !target.Samples.Any(sample => sample.AsSpan().SequenceEqual(input));
            Decoded decoded = Try(input);
            _altered += isAltered ? 1 : 0;
            _accepted += decoded.IsAccepted ? 1 : 0;
            _alteredAccepted += isAltered && decoded.IsAccepted ? 1 : 0;
            if (target.IsSealed && isAltered && decoded.IsAccepted)
                throw Failure(_number, "accepted, though a seal is broken", input);
            if (only is not null)
                break;
        }
    }

    /// <summary>The same input among different neighbours: what a decoder says must not depend on them, and it must leave all as it was.</summary>
    private Decoded Try(byte[] input)
    {
        Volatile.Write(ref _input, input);
        Decoded first = default;
        foreach (byte poison in Poisons)
        {
            byte[] buffer = new byte[Margin + input.Length + Margin];
            buffer.AsSpan().Fill(poison);
            input.CopyTo(buffer, Margin);
            Decoded decoded = Measured(buffer.AsSpan(Margin, input.Length), input);
            bool isAsBefore = buffer.AsSpan(Margin, input.Length).SequenceEqual(input)
                && !buffer.AsSpan(0, Margin).ContainsAnyExcept(poison) && !buffer.AsSpan(Margin + input.Length).ContainsAnyExcept(poison);
            if (!isAsBefore)
                throw Failure(_number, "wrote into its input or beside it", input);
            if (poison == Poisons[0])
                first = decoded;
            else if (decoded.Outcome != first.Outcome || !Same(decoded.Encoded, first.Encoded))
                throw Failure(_number, $"depends on the bytes beside its input: '{first.Outcome}' or '{decoded.Outcome}'", input);
        }

        RequireSameEncoded(first, input);
        return first;
    }

    private Decoded Measured(ReadOnlySpan<byte> span, byte[] input)
    {
        long before = GC.GetAllocatedBytesForCurrentThread();
        Decoded decoded;
        try
        {
            decoded = target.Decode(span);
        }
        catch (Exception refusal) when (target.Refusals.Any(type => type.IsInstanceOfType(refusal)))
        {
            decoded = Decoded.Refused(refusal.Message);
        }
        catch (Exception fault)
        {
            throw Failure(_number, $"threw {fault.GetType().Name}", input, fault);
        }

        long allocated = GC.GetAllocatedBytesForCurrentThread() - before;
        long most = target.FixedAllocation + ((long)target.AllocationPerByte * input.Length);
        return allocated <= most ? decoded : throw Failure(_number, $"allocated {allocated:N0} bytes, at most {most:N0} are allowed", input);
    }

    private void RequireSameEncoded(in Decoded decoded, byte[] input)
    {
        if (!decoded.IsAccepted || decoded.Encoded is not { } encoded)
            return;
        if (target.IsCanonical)
        {
            if (!encoded.AsSpan().SequenceEqual(input))
                throw Failure(_number, $"accepted, but it encodes to {Convert.ToHexStringLower(encoded)}", input);
            return;
        }

        Decoded again = target.Decode(encoded);
        if (!again.IsAccepted || !Same(again.Encoded, encoded))
            throw Failure(_number, $"what it encodes to is not read as the same: {Convert.ToHexStringLower(encoded)}", input);
    }

    private static bool Same(byte[]? one, byte[]? other) => one is null ? other is null : other is not null && one.AsSpan().SequenceEqual(other);

    private FuzzFailureException Failure(long number, string broken, byte[] input, Exception? cause = null) =>
        new(target.Name, seed, number, broken, input, cause);
}
