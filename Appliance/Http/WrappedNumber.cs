using System.Globalization;
using System.Numerics;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Clob.Appliance;

/// <summary>Reads an id as a number, or in its older form <c>{"0": number}</c>.</summary>
internal abstract class WrappedNumberConverter<T> : JsonConverter<T>
    where T : struct, IBinaryInteger<T>, IMinMaxValue<T>
{
    /// <inheritdoc/>
    public override T Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        if (reader.TokenType != JsonTokenType.StartObject)
            return ReadNumber(ref reader);
        reader.Read();
        if (reader.TokenType != JsonTokenType.PropertyName || !reader.ValueTextEquals("0"u8))
            throw Unexpected();
        reader.Read();
        T value = ReadNumber(ref reader);
        reader.Read();
        return reader.TokenType == JsonTokenType.EndObject ? value : throw Unexpected();
    }

    /// <inheritdoc/>
    public override void Write(Utf8JsonWriter writer, T value, JsonSerializerOptions options)
    {
        ArgumentNullException.ThrowIfNull(writer);
        writer.WriteRawValue(value.ToString(null, CultureInfo.InvariantCulture));
    }

    private static T ReadNumber(ref Utf8JsonReader reader) =>
        reader.TokenType == JsonTokenType.Number && T.TryParse(reader.ValueSpan, NumberStyles.None, CultureInfo.InvariantCulture, out T value)
            ? value
            : throw Unexpected();

    private static JsonException Unexpected() => new($"an id is a number from 0 to {T.MaxValue}, or {{\"0\": number}}");
}

/// <summary>For users.</summary>
internal sealed class WrappedUInt64Converter : WrappedNumberConverter<ulong>;

/// <summary>For assets.</summary>
internal sealed class WrappedUInt32Converter : WrappedNumberConverter<uint>;
