using System.Xml.Linq;

namespace Clob.Structure.Tests;

/// <summary>Who may know whom. A reference that breaks a rule here breaks the design: the verifier must not share the appliance's wiring, the engine must not see a disk.</summary>
public sealed class ReferenceRules
{
    private static readonly Dictionary<string, string[]> Allowed = new()
    {
        ["Protocol"] = [],
        ["Proofs"] = ["Protocol"],
        ["Engine"] = ["Protocol"],
        ["Journal"] = [],
        ["Ring"] = [],
        ["Settlement"] = ["Engine", "Journal", "Proofs", "Protocol"],
        ["Appliance"] = ["Protocol", "Proofs", "Engine", "Journal", "Ring", "Settlement"],
        ["Verifier"] = ["Protocol", "Proofs", "Engine", "Journal", "Settlement"],
        ["Client"] = ["Protocol", "Proofs"],
    };

    [Test]
    public void Every_product_project_is_under_a_rule()
    {
        var projects = Directory.EnumerateFiles(Root(), "*.csproj", SearchOption.AllDirectories)
            .Select(path => Path.GetRelativePath(Root(), path).Split(Path.DirectorySeparatorChar)[0])
            .Where(folder => folder is not ("tests" or "perf"))
            .Distinct();
        Assert.That(projects, Is.EquivalentTo(Allowed.Keys));
    }

    [TestCaseSource(nameof(Projects))]
    public void References_only_what_the_design_allows(string project) =>
        Assert.That(ReferencesOf(project).Except(Allowed[project]), Is.Empty, $"{project} may reference {string.Join(", ", Allowed[project])}");

    [TestCaseSource(nameof(Projects))]
    public void Reaches_nothing_more_through_others(string project) =>
        Assert.That(Closure(project).Except(Allowed[project]), Is.Empty);

    [Test]
    public void The_rules_find_a_forbidden_reference() // the negative control: a rule that could never fail proves nothing
    {
        var references = ReferencesIn("""<Project><ItemGroup><ProjectReference Include="../Appliance/Clob.Appliance.csproj" /></ItemGroup></Project>""");
        Assert.That(references.Except(Allowed["Verifier"]), Is.Not.Empty);
    }

    [Test]
    public void There_is_no_drawer_for_everything() =>
        Assert.That(
            Directory.EnumerateDirectories(Root(), "*", SearchOption.AllDirectories)
                .Where(path => !path.Contains("/bin/", StringComparison.Ordinal) && !path.Contains("/obj/", StringComparison.Ordinal) && !path.Contains("/.git", StringComparison.Ordinal))
                .Select(Path.GetFileName)
                .Intersect(["Common", "Utils", "Helpers", "Models", "Shared", "Misc"]),
            Is.Empty);

    private static IEnumerable<string> Projects() => Allowed.Keys;

    private static IEnumerable<string> ReferencesOf(string project) =>
        ReferencesIn(File.ReadAllText(Path.Combine(Root(), project, $"Clob.{project}.csproj")));

    private static IEnumerable<string> ReferencesIn(string projectFile) =>
        XDocument.Parse(projectFile).Descendants("ProjectReference")
            .Select(reference => Path.GetFileNameWithoutExtension(reference.Attribute("Include")!.Value.Replace('\\', '/'))["Clob.".Length..]);

    private static HashSet<string> Closure(string project)
    {
        var reached = new HashSet<string>();
        var open = new Stack<string>(ReferencesOf(project));
        while (open.TryPop(out string? next))
        {
            if (reached.Add(next))
            {
                foreach (string reference in ReferencesOf(next))
                    open.Push(reference);
            }
        }

        return reached;
    }

    private static string Root()
    {
        for (var folder = new DirectoryInfo(TestContext.CurrentContext.TestDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, "Clob.Appliance.sln")))
                return folder.FullName;
        }

        throw new InvalidOperationException("the tests run inside the repository");
    }
}
