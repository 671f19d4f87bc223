namespace Clob.EndToEnd.Tests;

/// <summary>A program of the repository as it was built beside these tests, in their configuration.</summary>
internal static class BuiltProgram
{
    public static string Appliance => PathOf("Appliance", "Clob.Appliance");

    public static string Verifier => PathOf("Verifier", "Clob.Verifier");

    public static string Load => PathOf("perf/Clob.Load", "Clob.Load");

    /// <summary>Top of the repository.</summary>
    public static string RepositoryRoot { get; } = FindRoot();

    private static string PathOf(string folder, string assembly)
    {
        // .../bin/<configuration>/<framework>/
        var output = new DirectoryInfo(AppContext.BaseDirectory.TrimEnd(Path.DirectorySeparatorChar));
        string path = Path.Combine(RepositoryRoot, folder, "bin", output.Parent!.Name, output.Name, $"{assembly}.dll");
        return File.Exists(path) ? path : throw new FileNotFoundException($"{path} is not built", path);
    }

    private static string FindRoot()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, "Clob.Appliance.sln")))
                return folder.FullName;
        }

        throw new InvalidOperationException("the tests run inside the repository");
    }
}
