using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Clob.Fuzz.Tests;

/// <summary>Negative controls: decoders as one should not write them, of <c>length u16 · text</c>, each with one fault that the fuzzer must name.</summary>
public sealed class SloppyDecoderTests
{
    private static readonly byte[] Sample = [0, 4, (byte)'t', (byte)'e', (byte)'x', (byte)'t'];
    private volatile bool _isOver;

    [SetUp]
    public void Begin() => _isOver = false;

    [TearDown]
    public void EndWhatHangs() => _isOver = true;

    [Test]
    public void Finds_nothing_in_a_careful_one() =>
        Assert.That(Run(Careful).Accepted, Is.GreaterThan(0));

    [Test]
    public void Finds_one_that_believes_a_length() =>
        AssertFound(input => input.Length < 2 ? Decoded.Refused("") : Decoded.Accepted(input.Slice(2, Length(input)).Length), "threw ArgumentOutOfRangeException");

    [Test]
    public void Finds_one_that_allocates_what_a_length_says() =>
        AssertFound(input => input.Length < 2 ? Decoded.Refused("") : Decoded.Accepted(new byte[Length(input) * 64].Length), "allocated ");

    [Test]
    public void Finds_one_that_reads_beyond_its_input() =>
        AssertFound(input => input.Length < 2 ? Decoded.Refused("") : Decoded.Accepted(Unsafe.Add(ref MemoryMarshal.GetReference(input), Math.Min(Length(input) + 2, input.Length + 8))), "depends on the bytes beside");

    [Test]
    public void Finds_one_that_writes_into_its_input() =>
        AssertFound(
            input =>
            {
                if (input.Length > 2)
                    Unsafe.AsRef(in input[2]) = (byte)'T';
                return Decoded.Accepted("");
            },
            "wrote into its input");

    [Test]
    public void Finds_one_that_accepts_what_it_would_not_write() =>
        AssertFound(input => input.Length < 2 || Length(input) > input.Length - 2 ? Decoded.Refused("") : Decoded.Accepted("", input[..(2 + Length(input))].ToArray()), "accepted, but it encodes to");

    [Test]
    public void Finds_one_that_does_not_come_back() =>
        AssertFound(
            input =>
            {
                while (input.Length > 2 && input[2] == 0xFF && !_isOver)
                    Thread.Yield();
                return Careful(input);
            },
            "not done after");

    [Test]
    public void Finds_one_that_refuses_what_is_valid() =>
        AssertFound(_ => Decoded.Refused(""), "a valid input was refused");

    [Test]
    public void Makes_the_same_input_again_from_the_seed()
    {
        var target = new FuzzTarget("sloppy", [Sample], input => input.Length > 6 && input[6] == 0 ? throw new FormatException() : Careful(input));
        var found = Assert.Throws<FuzzFailureException>(() => new Fuzzer(target, 5).Run(TimeSpan.FromSeconds(60)))!;
        string line = found.Message.Split('\n').Single(part => part.StartsWith("again: ", StringComparison.Ordinal));
        int number = int.Parse(line[(line.LastIndexOf('=') + 1)..]);
        var again = Assert.Throws<FuzzFailureException>(() => new Fuzzer(target, 5).Run(TimeSpan.FromSeconds(60), number))!;
        Assert.That(again.Message.Split('\n')[..3], Is.EqualTo(found.Message.Split('\n')[..3]));
    }

    private static Decoded Careful(ReadOnlySpan<byte> input) =>
        input.Length < 2 || Length(input) != input.Length - 2 ? Decoded.Refused("") : Decoded.Accepted(Length(input), input.ToArray());

    private static int Length(ReadOnlySpan<byte> input) => BinaryPrimitives.ReadUInt16BigEndian(input);

    private static FuzzCount Run(Decoding decode) =>
        new Fuzzer(new FuzzTarget("sloppy", [Sample], decode), FuzzSize.Seed) { Patience = TimeSpan.FromSeconds(5) }.Run(TimeSpan.FromSeconds(2));

    /// <summary>However busy the machine, the fault is in reach of a few hundred inputs.</summary>
    private static void AssertFound(Decoding decode, string broken)
    {
        var fuzzer = new Fuzzer(new FuzzTarget("sloppy", [Sample], decode), FuzzSize.Seed) { Patience = TimeSpan.FromSeconds(5) };
        Assert.That(Assert.Throws<FuzzFailureException>(() => fuzzer.Run(TimeSpan.FromSeconds(60)))!.Broken, Does.StartWith(broken));
    }
}
