using Clob.Appliance.OrderEntry;

namespace Clob.OrderEntry.Tests;

public sealed class LoginPausesTests
{
    private const ulong Account = 5;
    private const long Shortest = 10;
    private const long Longest = 75;

    [Test]
    public void The_first_offence_is_free_and_the_pause_doubles_up_to_the_longest()
    {
        LoginPauses pauses = new(Shortest, Longest);
        Assert.That(PauseAfterOffence(pauses, 0), Is.Zero);
        long[] expected = [10, 20, 40, 75, 75, 75];
        long now = 0;
        foreach (long pause in expected)
        {
            Assert.That(PauseAfterOffence(pauses, now), Is.EqualTo(pause), $"at {now}");
            now += Longest - 1; // forgives nothing
        }
    }

    [Test]
    public void A_login_that_is_let_in_makes_the_next_one_wait_while_offences_are_remembered()
    {
        LoginPauses pauses = Offended(3); // a pause of 20
        Assert.That(pauses.TryPass(Account, 0, 19), Is.False);
        Assert.That(pauses.TryPass(Account, 0, 20));
        Assert.That(pauses.TryPass(Account, 0, 21), Is.False);
        Assert.That(pauses.TryPass(Account, 0, 39), Is.False);
        Assert.That(pauses.TryPass(Account, 0, 40));
    }

    [Test]
    public void One_offence_is_forgiven_for_each_quiet_time()
    {
        LoginPauses pauses = Offended(3);
        Assert.That(pauses.TryPass(Account, 0, Longest), "two are left");
        Assert.That(pauses.TryPass(Account, 0, Longest + 9), Is.False);
        Assert.That(pauses.TryPass(Account, 0, Longest + 10));
        Assert.That(pauses.TryPass(Account, 0, 2 * Longest), "one is left");
        Assert.That(pauses.TryPass(Account, 0, 2 * Longest), "which is free");
        Assert.That(pauses.Count, Is.EqualTo(1));
        Assert.That(pauses.TryPass(Account, 0, 3 * Longest));
        Assert.That(pauses.Count, Is.Zero, "nothing is kept of who is forgiven");
    }

    [Test]
    public void Who_offends_as_often_as_is_allowed_offends_once_in_the_longest_pause()
    {
        LoginPauses pauses = new(Shortest, Longest);
        const long Duration = 100 * Longest;
        int offences = 0;
        for (long now = 0; now < Duration; now++)
        {
            if (!pauses.TryPass(Account, 0, now))
                continue;
            pauses.Note(Account, 0, now);
            offences++;
        }

        Assert.That(offences, Is.InRange(100, 106));
    }

    [Test]
    public void Other_accounts_do_not_wait()
    {
        LoginPauses pauses = Offended(5);
        Assert.That(pauses.TryPass(Account + 1, 0, 1));
        Assert.That(pauses.TryPass(Account, 0, 1), Is.False, "the control");
    }

    [Test]
    public void A_new_token_ends_the_wait_and_the_former_ones_offences_count_no_more()
    {
        LoginPauses pauses = Offended(5);
        Assert.That(pauses.TryPass(Account, 1, 1));
        pauses.Note(Account, 0, 1); // does not reach who logs in by the new one
        Assert.That(pauses.TryPass(Account, 1, 1));
        pauses.Note(Account, 1, 1);
        pauses.Note(Account, 0, 1);
        Assert.That(pauses.TryPass(Account, 1, 1), "the first of its own is free");
        pauses.Note(Account, 1, 1);
        Assert.That(pauses.TryPass(Account, 1, 1), Is.False);
    }

    [Test]
    public void Without_a_pause_nothing_is_remembered()
    {
        LoginPauses pauses = new(0, Longest);
        for (int i = 0; i < 10; i++)
            pauses.Note(Account, 0, 0);
        Assert.That(pauses.TryPass(Account, 0, 0));
        Assert.That(pauses.Count, Is.Zero);
    }

    [Test]
    public void Remembers_a_bounded_number_of_accounts_and_forgets_the_least_offenders_first()
    {
        LoginPauses pauses = Offended(5);
        for (ulong account = 100; account < 100 + LoginPauses.Capacity + 50; account++)
            pauses.Note(account, 0, 0);
        Assert.That(pauses.Count, Is.EqualTo(LoginPauses.Capacity));
        Assert.That(pauses.TryPass(Account, 0, 1), Is.False);
        pauses.Note(99, 0, Longest);
        Assert.That(pauses.Count, Is.EqualTo(2), "who is forgiven makes room first");
    }

    [Test]
    public void Neither_many_offences_nor_long_times_overflow()
    {
        const long Hour = 3_600_000_000_000; // of a clock that counts ns
        LoginPauses pauses = new(Hour, 24 * Hour);
        for (int i = 0; i < 200; i++)
            pauses.Note(Account, 0, i);
        Assert.That(pauses.TryPass(Account, 0, 200), Is.False);
        Assert.That(pauses.TryPass(Account, 0, 24 * Hour + 200));
        Assert.That(pauses.TryPass(Account, 0, long.MaxValue / 2), "centuries later");
    }

    private static LoginPauses Offended(int times)
    {
        LoginPauses pauses = new(Shortest, Longest);
        for (int i = 0; i < times; i++)
            pauses.Note(Account, 0, 0);
        return pauses;
    }

    /// <summary>How long after an offence at <paramref name="now"/> the next login passes.</summary>
    private static long PauseAfterOffence(LoginPauses pauses, long now)
    {
        pauses.Note(Account, 0, now);
        long waited = 0;
        while (!pauses.TryPass(Account, 0, now + waited))
            waited++;
        return waited;
    }
}
