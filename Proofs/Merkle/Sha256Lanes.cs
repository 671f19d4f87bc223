using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Clob.Proofs;

/// <summary>
/// SHA-256 (FIPS 180-4) of eight short messages at a time, a message in each 32-bit lane of a vector. A call of the system's SHA-256 for a message
/// of one or two blocks is mostly the call; trees of millions of leaves are hashed in a fraction of the time this way. Gives what
/// <see cref="Hash256.Of"/> gives, which does everything else.
/// </summary>
internal static class Sha256Lanes
{
    /// <summary>Messages at a time.</summary>
    public const int Count = 8;

    /// <summary>Bytes of a block.</summary>
    public const int BlockSize = 64;

    private const int PaddingSize = 1 + sizeof(ulong);
    private const int WordsPerBlock = 16;
    private const int Rounds = 64;

    // The first 32 bits of the fractional parts of the cube roots of the first 64 primes (FIPS 180-4, 4.2.2).
    private static readonly uint[] RoundConstants =
    [
        0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5, 0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174,
        0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da, 0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967,
        0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85, 0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070,
        0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3, 0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2,
    ];

    // Those of the square roots of the first 8 primes (5.3.3).
    private static readonly uint[] InitialState = [0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a, 0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19];

    /// <summary>Whether vectors of eight words are faster than one by one.</summary>
    public static bool IsSupported => Vector256.IsHardwareAccelerated;

    /// <summary>Blocks of a message of this many bytes, its padding included.</summary>
    public static int BlocksOf(int length) => (length + PaddingSize + BlockSize - 1) / BlockSize;

    /// <summary>Writes the padding behind a message (5.1.1).</summary>
    /// <param name="message">Room for <see cref="BlocksOf"/> blocks, which begins with the message.</param>
    /// <param name="length">Bytes of the message.</param>
    public static void Pad(Span<byte> message, int length)
    {
        Span<byte> padding = message[length..(BlocksOf(length) * BlockSize)];
        padding.Clear();
        padding[0] = 0x80;
        BinaryPrimitives.WriteUInt64BigEndian(padding[^sizeof(ulong)..], (ulong)length * 8);
    }

    /// <summary>Hashes eight padded messages.</summary>
    /// <param name="messages">They stand one every <paramref name="stride"/> bytes.</param>
    /// <param name="stride">Bytes from one to the next, a multiple of <see cref="BlockSize"/>.</param>
    /// <param name="blocks">Blocks of each, at least 1.</param>
    /// <param name="hashes">The eight hashes.</param>
    [SkipLocalsInit]
    public static void Hash(ReadOnlySpan<byte> messages, int stride, ReadOnlySpan<int> blocks, Span<Hash256> hashes)
    {
        Span<Vector256<uint>> state = stackalloc Vector256<uint>[InitialState.Length];
        for (int i = 0; i < state.Length; i++)
            state[i] = Vector256.Create(InitialState[i]);
        int most = 0;
        for (int lane = 0; lane < Count; lane++)
            most = Math.Max(most, blocks[lane]);
        Vector256<int> counts = Vector256.Create(blocks);
        Span<Vector256<uint>> before = stackalloc Vector256<uint>[InitialState.Length];
        for (int block = 0; block < most; block++)
        {
            state.CopyTo(before);
            Compress(messages, stride, block * BlockSize, blocks, state);
            // A message that has ended keeps what it had.
            Vector256<uint> goesOn = Vector256.GreaterThan(counts, Vector256.Create(block)).AsUInt32();
            for (int i = 0; i < state.Length; i++)
                state[i] = Vector256.ConditionalSelect(goesOn, state[i], before[i]);
        }
        Span<byte> bytes = MemoryMarshal.AsBytes(hashes[..Count]);
        for (int lane = 0; lane < Count; lane++)
        {
            for (int i = 0; i < state.Length; i++)
                BinaryPrimitives.WriteUInt32BigEndian(bytes[(lane * Hash256.Size + i * sizeof(uint))..], state[i][lane]);
        }
    }

    [SkipLocalsInit]
    private static void Compress(ReadOnlySpan<byte> messages, int stride, int offset, ReadOnlySpan<int> blocks, Span<Vector256<uint>> state)
    {
        Span<Vector256<uint>> schedule = stackalloc Vector256<uint>[Rounds];
        Load(messages, stride, offset, blocks, schedule);
        for (int t = WordsPerBlock; t < Rounds; t++)
        {
            Vector256<uint> early = schedule[t - 15];
            Vector256<uint> late = schedule[t - 2];
            Vector256<uint> sigma0 = Rotate(early, 7) ^ Rotate(early, 18) ^ (early >>> 3);
            Vector256<uint> sigma1 = Rotate(late, 17) ^ Rotate(late, 19) ^ (late >>> 10);
            schedule[t] = schedule[t - 16] + sigma0 + schedule[t - 7] + sigma1;
        }
        (Vector256<uint> a, Vector256<uint> b, Vector256<uint> c, Vector256<uint> d) = (state[0], state[1], state[2], state[3]);
        (Vector256<uint> e, Vector256<uint> f, Vector256<uint> g, Vector256<uint> h) = (state[4], state[5], state[6], state[7]);
        for (int t = 0; t < Rounds; t++)
        {
            Vector256<uint> sum1 = Rotate(e, 6) ^ Rotate(e, 11) ^ Rotate(e, 25);
            Vector256<uint> choice = (e & f) ^ Vector256.AndNot(g, e);
            Vector256<uint> first = h + sum1 + choice + Vector256.Create(RoundConstants[t]) + schedule[t];
            Vector256<uint> sum0 = Rotate(a, 2) ^ Rotate(a, 13) ^ Rotate(a, 22);
            Vector256<uint> majority = (a & b) ^ (a & c) ^ (b & c);
            h = g;
            g = f;
            f = e;
            e = d + first;
            d = c;
            c = b;
            b = a;
            a = first + sum0 + majority;
        }
        state[0] += a;
        state[1] += b;
        state[2] += c;
        state[3] += d;
        state[4] += e;
        state[5] += f;
        state[6] += g;
        state[7] += h;
    }

    /// <summary>The sixteen words of a block of each message, word by word; a message that has ended gives its first block again, which nobody looks at.</summary>
    private static void Load(ReadOnlySpan<byte> messages, int stride, int offset, ReadOnlySpan<int> blocks, Span<Vector256<uint>> words)
    {
        Span<uint> lanes = MemoryMarshal.Cast<Vector256<uint>, uint>(words[..WordsPerBlock]);
        for (int lane = 0; lane < Count; lane++)
        {
            int start = lane * stride + (offset < blocks[lane] * BlockSize ? offset : 0);
            ReadOnlySpan<uint> block = MemoryMarshal.Cast<byte, uint>(messages.Slice(start, BlockSize));
            for (int word = 0; word < WordsPerBlock; word++)
                lanes[word * Count + lane] = BitConverter.IsLittleEndian ? BinaryPrimitives.ReverseEndianness(block[word]) : block[word];
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<uint> Rotate(Vector256<uint> value, [ConstantExpected] byte bits) =>
        Avx512F.VL.IsSupported ? Avx512F.VL.RotateRight(value, bits) : (value >>> bits) | (value << (32 - bits));
}
