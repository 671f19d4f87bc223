using System.Reflection;
using Disruptor;

namespace Clob.Ring.Tests.Disruptor;

/// <summary>
/// Our cut of Disruptor's surface may only hold what Disruptor 7 has under the same names, and grows only on purpose: whoever adds a line
/// here has looked it up in the package's source.
/// </summary>
public class PublicSurfaceTests
{
    private const string Frozen = """
        Disruptor.BusySpinWaitStrategy: IWaitStrategy
          .ctor()
          Boolean get_IsBlockingStrategy()
          ISequenceWaiter NewSequenceWaiter(SequenceWaiterOwner, DependentSequenceGroup)
          Void SignalAllWhenBlocking()
        Disruptor.DependentSequenceGroup
          .ctor(Sequence, Sequence[])
          Int32 get_DependentSequenceCount()
          Int64 get_CursorValue()
          Int64 get_Value()
        Disruptor.Dsl.ProducerType
          ProducerType Multi
          ProducerType Single
        Disruptor.ISequenceWaiter: IDisposable
          SequenceWaitResult WaitFor(Int64, CancellationToken)
          Void Cancel()
        Disruptor.IWaitStrategy
          Boolean get_IsBlockingStrategy()
          ISequenceWaiter NewSequenceWaiter(SequenceWaiterOwner, DependentSequenceGroup)
          Void SignalAllWhenBlocking()
        Disruptor.Sequence
          .ctor(Int64)
          Boolean CompareAndSet(Int64, Int64)
          Int64 InitialCursorValue
          Int64 get_Value()
          String ToString()
          Void SetValue(Int64)
          Void SetValueVolatile(Int64)
        Disruptor.SequenceWaitResult
          .ctor(Int64)
          Int64 get_UnsafeAvailableSequence()
          SequenceWaitResult op_Implicit(Int64)
        Disruptor.SequenceWaiterOwner
          SequenceWaiterOwner get_Unknown()
        Disruptor.UnmanagedRingBuffer
          Boolean HasAvailableCapacity(Int32)
          Boolean RemoveGatingSequence(Sequence)
          Boolean TryNext(Int32, Int64&)
          Boolean TryNext(Int64&)
          Int32 get_BufferSize()
          Int64 GetMinimumGatingSequence()
          Int64 GetRemainingCapacity()
          Int64 Next()
          Int64 Next(Int32)
          Int64 get_Cursor()
          Void AddGatingSequences(Sequence[])
          Void Publish(Int64)
          Void Publish(Int64, Int64)
        Disruptor.UnmanagedRingBufferMemory: IDisposable
          Int32 get_EventCount()
          Int32 get_EventSize()
          IntPtr get_PointerToFirstEvent()
          UnmanagedRingBufferMemory Allocate(Int32, Int32)
          Void Dispose()
        Disruptor.UnmanagedRingBuffer`1: UnmanagedRingBuffer
          .ctor(UnmanagedRingBufferMemory, ProducerType, IWaitStrategy)
          T& get_Item(Int64)
        """;

    [Test]
    public void Holds_these_types_and_members_and_no_more()
    {
        Assert.That(Surface(), Is.EqualTo(Frozen));
    }

    private static string Surface()
    {
        IEnumerable<string> lines = typeof(Sequence).Assembly.GetExportedTypes()
            .Where(type => type.Namespace!.StartsWith("Disruptor", StringComparison.Ordinal))
            .OrderBy(type => type.FullName, StringComparer.Ordinal)
            .SelectMany(type => Members(type).Order(StringComparer.Ordinal).Prepend(Heading(type)));
        return string.Join('\n', lines);
    }

    private static string Heading(Type type)
    {
        IEnumerable<string> bases = type.IsEnum ? [] : type.GetInterfaces().Where(i => i.Namespace!.StartsWith("Disruptor", StringComparison.Ordinal) || i == typeof(IDisposable)).Select(i => i.Name);
        if (type.BaseType is { Namespace: "Disruptor" } parent) bases = bases.Prepend(parent.Name);
        string all = string.Join(", ", bases);
        return all.Length == 0 ? type.FullName! : $"{type.FullName}: {all}";
    }

    private static IEnumerable<string> Members(Type type)
    {
        const BindingFlags Declared = BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Instance | BindingFlags.Static | BindingFlags.DeclaredOnly;
        foreach (FieldInfo field in type.GetFields(Declared).Where(f => (f.IsPublic || f.IsFamily || f.IsFamilyOrAssembly) && !f.IsSpecialName))
            yield return $"  {field.FieldType.Name} {field.Name}";
        foreach (ConstructorInfo constructor in type.GetConstructors(Declared).Where(c => (c.IsPublic || c.IsFamily || c.IsFamilyOrAssembly)))
            yield return $"  .ctor({Parameters(constructor)})";
        foreach (MethodInfo method in type.GetMethods(Declared).Where(m => m.IsPublic || m.IsFamily || m.IsFamilyOrAssembly))
            yield return $"  {method.ReturnType.Name} {method.Name}({Parameters(method)})";
    }

    private static string Parameters(MethodBase method) => string.Join(", ", method.GetParameters().Select(p => p.ParameterType.Name));
}
