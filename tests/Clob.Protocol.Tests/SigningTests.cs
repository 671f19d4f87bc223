using System.Text;

namespace Clob.Protocol.Tests;

public sealed class SigningTests
{
    // RFC 8032, section 7.1, tests 1 to 3: seed, public key, message, signature.
    [TestCase("9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60",
        "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a", "",
        "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b")]
    [TestCase("4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb",
        "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c", "72",
        "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00")]
    [TestCase("c5aa8df43f9f837bedb7442f31dcb7b166d38535076f094b85ce3a2e0b4458f7",
        "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025", "af82",
        "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac18ff9b538d16f290ae67f760984dc6594a7c15e9716ed28dc027beceea1ec40a")]
    public void Signs_as_the_examples_of_RFC_8032(string seed, string publicKey, string message, string signature)
    {
        using SigningKey key = SigningKey.FromSeed(Convert.FromHexString(seed));
        byte[] made = new byte[VerifyingKey.SignatureSize];
        key.Sign(Convert.FromHexString(message), made);

        Assert.That(Convert.ToHexStringLower(key.PublicKey), Is.EqualTo(publicKey));
        Assert.That(Convert.ToHexStringLower(made), Is.EqualTo(signature));
        Assert.That(VerifyingKey.TryImport(key.PublicKey)!.Verify(Convert.FromHexString(message), made), Is.True);
        Assert.That(VerifyingKey.IsAdmissible(key.PublicKey), Is.True);
    }

    [Test]
    public void Every_flipped_bit_and_another_key_are_refused()
    {
        using SigningKey key = SigningKey.Generate();
        using SigningKey other = SigningKey.Generate();
        VerifyingKey verifying = VerifyingKey.TryImport(key.PublicKey)!;
        byte[] message = Encoding.UTF8.GetBytes("buy 3 lots at 100");
        byte[] signature = new byte[VerifyingKey.SignatureSize];
        key.Sign(message, signature);
        Assert.That(verifying.Verify(message, signature), Is.True);
        Assert.That(verifying.Bytes.ToArray(), Is.EqualTo(key.PublicKey.ToArray()));

        Assert.That(VerifyingKey.TryImport(other.PublicKey)!.Verify(message, signature), Is.False);
        ForEachFlippedBit(signature, "signature", () => verifying.Verify(message, signature));
        ForEachFlippedBit(message, "message", () => verifying.Verify(message, signature));
        Assert.That(verifying.Verify(message, signature), Is.True, "all bits are back");
    }

    [TestCase(0)]
    [TestCase(63)]
    [TestCase(65)]
    public void A_signature_of_another_length_is_refused(int length)
    {
        using SigningKey key = SigningKey.Generate();
        byte[] signature = new byte[65];
        key.Sign([1, 2, 3], signature.AsSpan(0, VerifyingKey.SignatureSize));
        Assert.That(VerifyingKey.TryImport(key.PublicKey)!.Verify([1, 2, 3], signature.AsSpan(0, length)), Is.False);
    }

    [TestCase(0)]
    [TestCase(31)]
    [TestCase(33)]
    public void A_key_of_another_length_is_neither_imported_nor_admitted(int length)
    {
        Assert.That(VerifyingKey.TryImport(new byte[length]), Is.Null);
        Assert.That(VerifyingKey.IsAdmissible(new byte[length]), Is.False);
        Assert.That(() => SigningKey.FromSeed(new byte[length]).Dispose(), Throws.ArgumentException);
    }

    [Test]
    public void Zero_bytes_are_imported_but_not_admitted()
    {
        Assert.That(VerifyingKey.TryImport(new byte[32]), Is.Not.Null);
        Assert.That(VerifyingKey.IsAdmissible(new byte[32]), Is.False);
    }

    [Test]
    public void Verifying_and_signing_allocate_nothing()
    {
        using SigningKey key = SigningKey.Generate();
        VerifyingKey verifying = VerifyingKey.TryImport(key.PublicKey)!;
        byte[] message = new byte[200];
        byte[] signature = new byte[VerifyingKey.SignatureSize];
        int valid = 0;

        void Round()
        {
            key.Sign(message, signature);
            valid += verifying.Verify(message, signature) ? 1 : 0;
            signature[0] ^= 1;
            valid += verifying.Verify(message, signature) ? 1 : 0;
            valid += VerifyingKey.IsAdmissible(verifying.Bytes) ? 1 : 0;
        }

        Assert.That(AllocatedBytes(Round), Is.Zero);
        Assert.That(valid, Is.EqualTo(2 * Rounds * 2), "valid, altered, admitted: two of three in both passes");
        Assert.That(AllocatedBytes(() => VerifyingKey.TryImport(message.AsSpan(0, 32))), Is.Positive, "negative control: importing allocates");
    }

    [Test]
    public void Key_admission_uses_the_library_that_verifies()
    {
        Assert.That(VerifyingKey.IsAdmissible(new byte[32]), Is.False);
        string[] libraries = File.ReadLines("/proc/self/maps")
            .Where(line => line.Contains("sodium", StringComparison.Ordinal))
            .Select(line => line[line.IndexOf('/', StringComparison.Ordinal)..])
            .Distinct()
            .ToArray();
        Assert.That(libraries, Has.Length.EqualTo(1), string.Join(", ", libraries));
        Assert.That(libraries[0], Does.Contain("/native/libsodium.so"));
    }

    private const int Rounds = 20;

    private static long AllocatedBytes(Action action)
    {
        for (int i = 0; i < Rounds; i++)
            action();
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < Rounds; i++)
            action();
        return GC.GetAllocatedBytesForCurrentThread() - before;
    }

    private static void ForEachFlippedBit(byte[] bytes, string what, Func<bool> verify)
    {
        for (int bit = 0; bit < bytes.Length * 8; bit++)
        {
            bytes[bit / 8] ^= (byte)(1 << (bit % 8));
            Assert.That(verify(), Is.False, $"{what}, bit {bit}");
            bytes[bit / 8] ^= (byte)(1 << (bit % 8));
        }
    }
}
