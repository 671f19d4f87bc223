using System.Reflection;
using System.Text.Json;
using Clob.Protocol;

namespace Clob.Verifier.Inspection;

/// <summary>
/// The fields of a command by name: the public properties of its type, so that a field that comes to a command is printed without anybody
/// having thought of it. An optional field that is absent is left out.
/// </summary>
internal static class CommandFields
{
    // These say by 0 that they are absent; all other optional fields say it by null.
    private static readonly HashSet<string> ZeroWhenAbsent = [nameof(NewOrder.Deadline), nameof(NewOrder.ClientOrderId), nameof(NewOrder.SelfTradePrevention)];

    /// <summary>The fields of a command of a checked envelope.</summary>
    public static IReadOnlyList<Field> Of(in Command command) => command.Type switch
    {
        CommandType.NewOrder => Of(NewOrder.Read(command.Body)),
        CommandType.Cancel => Of(Cancel.Read(command.Body)),
        CommandType.Reduce => Of(Reduce.Read(command.Body)),
        CommandType.Replace => Of(Replace.Read(command.Body)),
        CommandType.CancelAll => Of(CancelAll.Read(command.Body)),
        CommandType.Withdraw => Of(Withdraw.Read(command.Body)),
        CommandType.RotateKey => Of(RotateKey.Read(command.Body)),
        CommandType.AccountSettings => Of(AccountSettings.Read(command.Body)),
        CommandType.RegisterAccount => Of(RegisterAccount.Read(command.Body)),
        CommandType.Deposit => Of(Deposit.Read(command.Body)),
        CommandType.SettleWithdrawal => Of(SettleWithdrawal.Read(command.Body)),
        CommandType.DefineAsset => Of(DefineAsset.Read(command.Body)),
        CommandType.DefineMarket => Of(DefineMarket.Read(command.Body)),
        CommandType.ChangeMarket => Of(ChangeMarket.Read(command.Body)),
        CommandType.SetMarketState => Of(SetMarketState.Read(command.Body)),
        CommandType.SetAccountLimits => Of(SetAccountLimits.Read(command.Body)),
        CommandType.SetAccountFees => Of(SetAccountFees.Read(command.Body)),
        _ => throw new InvalidOperationException($"A reader of {command.Type} is missing."),
    };

    private static List<Field> Of<T>(T command) where T : struct
    {
        List<Field> fields = [];
        foreach ((string name, PropertyInfo property) in Shape<T>.Properties)
        {
            object? value = property.GetValue(command);
            if (value is MarketTerms terms)
                fields.AddRange(Of(terms));
            else if (value is not null && !(ZeroWhenAbsent.Contains(property.Name) && Convert.ToUInt64(value, null) == 0))
                fields.Add(new Field(name, Readable(property.Name, value)));
        }
        return fields;
    }

    private static object Readable(string property, object value) => (property, value) switch
    {
        (nameof(NewOrder.Deadline), ulong time) => new UtcTime(time),
        // A deposit id is a piece of a hash.
        (nameof(Deposit.DepositId), UInt128 id) => id.ToString("x32", null),
        _ => value,
    };

    private static class Shape<T>
    {
        public static readonly (string Name, PropertyInfo Property)[] Properties =
            [.. typeof(T).GetProperties(BindingFlags.Public | BindingFlags.Instance).Select(property => (JsonNamingPolicy.SnakeCaseLower.ConvertName(property.Name), property))];
    }
}
