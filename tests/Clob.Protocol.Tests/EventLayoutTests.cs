namespace Clob.Protocol.Tests;

public sealed class EventLayoutTests
{
    [Test]
    public void Stands_in_a_report_where_its_offsets_say()
    {
        byte[] report = new byte[ExchangeEvent.ReportSize];
        new ExchangeEvent { Kind = EventKind.Accepted, Account = 0x1122334455667788, ReportSequence = 0x99AABBCCDDEEFF01 }.WriteReport(report);
        Assert.Multiple(() =>
        {
            Assert.That((int[])[ExchangeEvent.AccountOffset, ExchangeEvent.ReportSequenceOffset, ExchangeEvent.ReportSize, ExchangeEvent.Size], Is.EqualTo((int[])[8, 16, 120, 128]));
            Assert.That(new BigEndianReader(report.AsSpan(ExchangeEvent.AccountOffset)).U64(), Is.EqualTo(0x1122334455667788));
            Assert.That(new BigEndianReader(report.AsSpan(ExchangeEvent.ReportSequenceOffset)).U64(), Is.EqualTo(0x99AABBCCDDEEFF01));
        });
    }

    [Test]
    public void Prints_whatever_stands_in_it() // a rebate is a negative amount, and the name that a price band has for that field is unsigned
    {
        var report = new ExchangeEvent { Kind = EventKind.Executed, Quantity = ulong.MaxValue, ClientOrderId = ulong.MaxValue, Amount = Int128.MinValue };
        Assert.That(report.ToString(), Does.Contain($"Amount = {Int128.MinValue}"));
    }
}
