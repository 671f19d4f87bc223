using System.Diagnostics;

namespace Clob.Protocol.Tests;

public sealed class SigningKeyFileTests
{
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    private string _folder = "";

    [SetUp]
    public void MakeFolder() => _folder = Directory.CreateTempSubdirectory("clob-keys-").FullName;

    [TearDown]
    public void RemoveFolder() => Directory.Delete(_folder, recursive: true);

    private string KeyPath => Path.Combine(_folder, "operator.key");

    [Test]
    public void Loads_what_it_saved_from_a_file_of_its_owner_only()
    {
        using SigningKey key = SigningKey.Generate();
        key.Save(KeyPath);
        Assert.That(File.GetUnixFileMode(KeyPath), Is.EqualTo(OwnerOnly));
        Assert.That(File.ReadAllText(KeyPath), Does.Match("\\A[0-9a-f]{64}\n\\z"));

        using SigningKey loaded = SigningKey.Load(KeyPath);
        Assert.That(loaded.PublicKey.ToArray(), Is.EqualTo(key.PublicKey.ToArray()));
    }

    [Test]
    public void Never_replaces_a_key()
    {
        using SigningKey key = SigningKey.Generate();
        key.Save(KeyPath);
        string text = File.ReadAllText(KeyPath);
        using SigningKey other = SigningKey.Generate();
        Assert.That(() => other.Save(KeyPath), Throws.InstanceOf<IOException>());
        Assert.That(File.ReadAllText(KeyPath), Is.EqualTo(text));
    }

    [TestCase("", TestName = "Replaces_what_a_killed_process_left_before_it_wrote")]
    [TestCase("77777777", TestName = "Replaces_what_a_killed_process_left_half_written")]
    public void Replaces_what_a_killed_process_left(string text)
    {
        File.WriteAllText(KeyPath + SecretFile.TemporarySuffix, text); // open to others, too
        using SigningKey key = SigningKey.Generate();
        key.Save(KeyPath);
        Assert.That(File.GetUnixFileMode(KeyPath), Is.EqualTo(OwnerOnly));
        Assert.That(Directory.GetFiles(_folder), Is.EqualTo(new[] { KeyPath }));
        using SigningKey loaded = SigningKey.Load(KeyPath);
        Assert.That(loaded.PublicKey.ToArray(), Is.EqualTo(key.PublicKey.ToArray()));
    }

    [Test]
    public void A_key_that_got_its_name_just_before_the_process_was_killed_is_not_touched()
    {
        using SigningKey key = SigningKey.Generate();
        key.Save(KeyPath + SecretFile.TemporarySuffix);
        string text = File.ReadAllText(KeyPath + SecretFile.TemporarySuffix);
        using (Process link = Process.Start("ln", [KeyPath + SecretFile.TemporarySuffix, KeyPath]))
            link.WaitForExit();
        using SigningKey other = SigningKey.Generate();
        Assert.That(() => other.Save(KeyPath), Throws.InstanceOf<IOException>().With.Message.Contains("exists already"));
        Assert.That(File.ReadAllText(KeyPath), Is.EqualTo(text));
        Assert.That(Directory.GetFiles(_folder), Is.EqualTo(new[] { KeyPath }));
    }

    [Test]
    public void Has_its_name_only_when_it_is_written()
    {
        var seen = new List<string>();
        using var watcher = new FileSystemWatcher(_folder);
        watcher.Created += (_, e) => Note($"created {e.Name}");
        watcher.Changed += (_, e) => Note($"changed {e.Name}");
        watcher.Deleted += (_, e) => Note($"deleted {e.Name}");
        watcher.EnableRaisingEvents = true;
        using SigningKey key = SigningKey.Generate();
        key.Save(KeyPath);
        Assert.That(() => { lock (seen) return seen.LastOrDefault(); }, Is.EqualTo("deleted operator.key.new").After(5000, 20));
        lock (seen)
        {
            Assert.That(seen.IndexOf("created operator.key"), Is.GreaterThan(seen.LastIndexOf("changed operator.key.new")));
            Assert.That(seen, Does.Contain("changed operator.key.new").And.Not.Contain("changed operator.key"));
        }

        void Note(string what)
        {
            lock (seen)
                seen.Add(what);
        }
    }

    [TestCase(UnixFileMode.GroupRead)]
    [TestCase(UnixFileMode.OtherRead)]
    [TestCase(UnixFileMode.GroupWrite)]
    [TestCase(UnixFileMode.OtherWrite)]
    public void Refuses_a_file_that_others_may_touch(UnixFileMode right)
    {
        using SigningKey key = SigningKey.Generate();
        key.Save(KeyPath);
        File.SetUnixFileMode(KeyPath, OwnerOnly | right);
        Assert.That(() => SigningKey.Load(KeyPath), Throws.InstanceOf<InvalidDataException>().With.Message.Contains("chmod 600"));
    }

    [Test]
    public void Takes_a_read_only_file_of_its_owner_without_a_line_feed()
    {
        Write(new string('7', 64));
        File.SetUnixFileMode(KeyPath, UnixFileMode.UserRead);
        using SigningKey loaded = SigningKey.Load(KeyPath);
        byte[] seed = new byte[SigningKey.SeedSize];
        loaded.ExportSeed(seed);
        Assert.That(seed, Is.All.EqualTo(0x77));
    }

    [TestCase("")]
    [TestCase("7")]
    [TestCase("777777777777777777777777777777777777777777777777777777777777777")]
    [TestCase("777777777777777777777777777777777777777777777777777777777777777g")]
    [TestCase("77777777777777777777777777777777777777777777777777777777777777777")]
    [TestCase("7777777777777777777777777777777777777777777777777777777777777777\r\n")]
    [TestCase("7777777777777777777777777777777777777777777777777777777777777777\n\n")]
    public void Refuses_any_other_content(string text)
    {
        Write(text);
        Assert.That(() => SigningKey.Load(KeyPath), Throws.InstanceOf<InvalidDataException>().With.Message.Contains("64 hexadecimal"));
    }

    [Test]
    public void Says_that_there_is_no_file() =>
        Assert.That(() => SigningKey.Load(KeyPath), Throws.InstanceOf<FileNotFoundException>());

    private void Write(string text)
    {
        File.WriteAllText(KeyPath, text);
        File.SetUnixFileMode(KeyPath, OwnerOnly);
    }
}
