using System.Diagnostics;
using System.Globalization;
using Clob.Journal.Tests.Simulation;

namespace Clob.Journal.Tests;

/// <summary>The real disk's calls, and what stands on them.</summary>
[TestFixture]
public sealed class DiskTests
{
    private string _directory = "";

    [SetUp]
    public void MakeDirectory() => _directory = Directory.CreateTempSubdirectory("clob-disk-").FullName;

    [TearDown]
    public void RemoveDirectory() => Directory.Delete(_directory, recursive: true);

    [Test]
    public void Writes_reads_renames_lists_and_deletes()
    {
        string first = Path.Combine(_directory, "first");
        string second = Path.Combine(_directory, "second");
        using (IStorageFile file = Disk.Storage.Open(first, FileUse.Create))
        {
            file.WriteFully("abcdef"u8, 3);
            file.SyncData();
            Assert.That(file.Length, Is.EqualTo(9));
        }
        Disk.Storage.Rename(first, second);
        Disk.Storage.SyncDirectory(_directory);
        Assert.That(Disk.Storage.List(_directory), Is.EqualTo((string[])["second"]));
        using (IStorageFile file = Disk.Storage.Open(second, FileUse.Read))
        {
            byte[] bytes = new byte[20];
            Assert.That(file.ReadFully(bytes, 2), Is.EqualTo(7));
            Assert.That(bytes[..8], Is.EqualTo((byte[])[0, .. "abcdef"u8, 0]));
        }
        Disk.Storage.Delete(second);
        Disk.Storage.Delete(second);
        Assert.That(Disk.Storage.List(_directory), Is.Empty);
    }

    [Test]
    public void Failures_name_file_call_and_error()
    {
        string path = Path.Combine(_directory, "missing");
        DiskFailureException failure = Assert.Throws<DiskFailureException>(() => Disk.Storage.Open(path, FileUse.Read))!;
        Assert.That((failure.Path, failure.Operation, failure.ErrorNumber), Is.EqualTo((path, "open", DiskFailureException.NotFound)));
        Assert.That(failure.Message, Does.Contain("No such file"));

        Assert.That(() => Disk.Storage.List(path), Throws.TypeOf<DiskFailureException>());
        Assert.That(() => Disk.Storage.SyncDirectory(path), Throws.TypeOf<DiskFailureException>());
        Assert.That(() => Disk.Storage.Rename(path, path + "2"), Throws.TypeOf<DiskFailureException>());
    }

    [Test]
    public void A_full_device_fails_the_write_and_a_pipe_the_sync()
    {
        using IStorageFile full = Disk.Storage.Open("/dev/full", FileUse.ReadWrite);
        DiskFailureException failure = Assert.Throws<DiskFailureException>(() => full.WriteFully(new byte[4096], 0))!;
        Assert.That(failure.ErrorNumber, Is.EqualTo(DiskFailureException.NoSpace));
        // A device without a disk behind it cannot be synced: the call fails, and the failure is seen.
        Assert.That(full.SyncData, Throws.TypeOf<DiskFailureException>().With.Property(nameof(DiskFailureException.Operation)).EqualTo("fdatasync"));
    }

    [Test]
    public void Replaces_a_file_by_old_or_new_whatever_fails([Values] Fault fault, [Values] Crash crash)
    {
        const string Path = "/simulated/watermark";
        byte[] old = new byte[3000];
        byte[] changed = [.. Enumerable.Repeat((byte)1, 5000)];
        for (int failAt = 0; ; failAt++)
        {
            var storage = new SimulatedStorage();
            DurableFile.Replace(storage, Path, old);
            storage.FaultAt = storage.Operations + failAt;
            storage.Fault = fault;
            bool replaced = true;
            try
            {
                DurableFile.Replace(storage, Path, changed);
            }
            catch (DiskFailureException)
            {
                replaced = false;
            }
            bool done = !storage.Faulted;
            storage.Stop(crash, new Random(failAt));
            Assert.That(storage.Bytes(Path), replaced ? Is.EqualTo(changed) : Is.EqualTo(old).Or.EqualTo(changed), $"operation {failAt}");
            if (done)
                break;
        }
    }

    [Test]
    public void A_directory_is_locked_once_and_free_again_after_disposal()
    {
        using (DirectoryLock held = DirectoryLock.Acquire(_directory))
        {
            DirectoryLockedException refused = Assert.Throws<DirectoryLockedException>(() => DirectoryLock.Acquire(_directory))!;
            Assert.That(refused.Holder, Is.EqualTo(Environment.ProcessId));
            Assert.That(refused.Message, Does.Contain(_directory).And.Contain($"process {Environment.ProcessId}"));
            Assert.That(held.Directory, Is.EqualTo(_directory));
        }
        DirectoryLock.Acquire(_directory).Dispose();
    }

    [Test]
    public void A_directory_locked_by_another_process_is_refused_until_that_is_killed()
    {
        string path = Path.Combine(_directory, DirectoryLock.FileName);
        using var other = new Process { StartInfo = new ProcessStartInfo("flock", $"-x -n -F {path} sh -c \"echo $$ > {path}; echo locked $$; exec sleep 30\"") { RedirectStandardOutput = true } };
        try
        {
            other.Start();
        }
        catch (System.ComponentModel.Win32Exception)
        {
            Assert.Ignore("There is no flock(1) here to hold the lock.");
        }
        try
        {
            string[] said = other.StandardOutput.ReadLine()!.Split(' ');
            Assert.That(said[0], Is.EqualTo("locked"));
            DirectoryLockedException refused = Assert.Throws<DirectoryLockedException>(() => DirectoryLock.Acquire(_directory))!;
            Assert.That(refused.Holder.ToString(CultureInfo.InvariantCulture), Is.EqualTo(said[1]));
        }
        finally
        {
            other.Kill(entireProcessTree: true);
            other.WaitForExit();
        }
        DirectoryLock.Acquire(_directory).Dispose();
    }
}
