namespace Clob.EndToEnd.Tests;

/// <summary>Real data that lies beside the repository and is not part of it.</summary>
internal static class SharedData
{
    /// <summary>The folder, or the test is skipped with the reason.</summary>
    public static string Folder(string name)
    {
        string? root = Environment.GetEnvironmentVariable("CLOB_SHARED");
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); root is null && folder is not null; folder = folder.Parent)
        {
            string candidate = Path.Combine(folder.FullName, "shared");
            if (Directory.Exists(candidate))
                root = candidate;
        }

        string path = Path.Combine(root ?? "shared", name);
        if (!Directory.Exists(path))
            Assert.Ignore($"skipped: the folder shared/{name} beside the repository (or below CLOB_SHARED) is not there");
        return path;
    }
}
