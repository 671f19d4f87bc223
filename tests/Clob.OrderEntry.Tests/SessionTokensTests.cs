using Clob.Appliance.OrderEntry;
using Clob.Protocol;

namespace Clob.OrderEntry.Tests;

public sealed class SessionTokensTests
{
    private string _keys = "";

    [SetUp]
    public void SetUp() => _keys = Directory.CreateTempSubdirectory("clob-keys-").FullName;

    [TearDown]
    public void TearDown() => Directory.Delete(_keys, recursive: true);

    [Test]
    public void A_token_is_good_for_its_account_only_and_survives_a_restart()
    {
        string token;
        using (SessionTokens tokens = SessionTokens.Open(_keys))
        {
            token = tokens.Issue(5);
            Assert.That(token, Does.Match("^[A-Z2-7]{10}$"));
            Assert.That(tokens.Verify(5, token));
            Assert.That(tokens.Verify(6, token), Is.False);
        }

        using SessionTokens again = SessionTokens.Open(_keys);
        Assert.That(again.Verify(5, token));
    }

    [Test]
    public void A_rotation_makes_former_tokens_worthless_also_after_a_restart()
    {
        string first, second, third;
        using (SessionTokens tokens = SessionTokens.Open(_keys))
        {
            first = tokens.Issue(5);
            second = tokens.Rotate(5);
            third = tokens.Rotate(5);
            Assert.That(new[] { first, second, third }, Is.Unique);
        }

        using SessionTokens again = SessionTokens.Open(_keys);
        Assert.That(again.Verify(5, first), Is.False);
        Assert.That(again.Verify(5, second), Is.False);
        Assert.That(again.Verify(5, third));
        Assert.That(again.Issue(5), Is.EqualTo(third));
    }

    [TestCase("")]
    [TestCase("AAAAAAAAA")]
    [TestCase("AAAAAAAAAAA")]
    [TestCase("ÄÄÄÄÄÄÄÄÄÄ")]
    public void Tokens_of_another_shape_are_wrong(string token)
    {
        using SessionTokens tokens = SessionTokens.Open(_keys);
        Assert.That(tokens.Verify(5, token), Is.False);
        Assert.That(tokens.Verify(5, tokens.Issue(5).AsSpan(0, 9)), Is.False);
        Assert.That(tokens.Verify(5, tokens.Issue(5) + " "), Is.False);
    }

    [Test]
    public void An_entry_torn_by_a_power_failure_is_overwritten()
    {
        string file = Path.Combine(_keys, SessionTokens.GenerationsFileName);
        string first, second;
        using (SessionTokens tokens = SessionTokens.Open(_keys))
        {
            first = tokens.Rotate(5);
            second = tokens.Rotate(5);
        }

        using (FileStream torn = File.OpenWrite(file))
            torn.SetLength(torn.Length - 3);
        using (SessionTokens tokens = SessionTokens.Open(_keys))
        {
            Assert.That(tokens.Issue(5), Is.EqualTo(first), "the second rotation never happened");
            Assert.That(tokens.Rotate(5), Is.EqualTo(second));
        }

        using SessionTokens again = SessionTokens.Open(_keys);
        Assert.That(again.Issue(5), Is.EqualTo(second));
    }

    [Test]
    public void Damage_before_the_last_entry_is_refused()
    {
        using (SessionTokens tokens = SessionTokens.Open(_keys))
        {
            tokens.Rotate(5);
            tokens.Rotate(5);
        }

        string file = Path.Combine(_keys, SessionTokens.GenerationsFileName);
        byte[] bytes = File.ReadAllBytes(file);
        bytes[11] ^= 1;
        File.WriteAllBytes(file, bytes);
        Assert.That(() => SessionTokens.Open(_keys), Throws.TypeOf<InvalidDataException>());
    }

    [Test]
    public void What_a_start_that_was_killed_left_of_a_secret_does_not_keep_the_next_from_starting()
    {
        string file = Path.Combine(_keys, SessionTokens.SecretFileName);
        File.WriteAllText(file + SecretFile.TemporarySuffix, "77");
        string token;
        using (SessionTokens tokens = SessionTokens.Open(_keys))
            token = tokens.Issue(5);
        Assert.That(File.Exists(file + SecretFile.TemporarySuffix), Is.False);
        using SessionTokens again = SessionTokens.Open(_keys);
        Assert.That(again.Verify(5, token));
    }

    [Test]
    public void A_secret_that_others_may_read_is_refused()
    {
        SessionTokens.Open(_keys).Dispose();
        string file = Path.Combine(_keys, SessionTokens.SecretFileName);
        Assert.That(File.GetUnixFileMode(file), Is.EqualTo(UnixFileMode.UserRead | UnixFileMode.UserWrite));
        File.SetUnixFileMode(file, UnixFileMode.UserRead | UnixFileMode.GroupRead);
        Assert.That(() => SessionTokens.Open(_keys), Throws.TypeOf<InvalidDataException>().With.Message.Contains("0600"));
    }
}
