using CsCheck;

namespace Clob.Journal.Tests;

[TestFixture]
public sealed class RecordFramesTests
{
    [Test]
    public void Gives_back_what_was_appended() => Gen.Byte.Array[1, 300].List[0, 20].Sample(records =>
    {
        byte[] buffer = new byte[records.Sum(record => record.Length + RecordFrames.LengthSize)];
        int position = 0;
        foreach (byte[] record in records)
        {
            if (!RecordFrames.TryAppend(buffer, ref position, record))
                return false;
        }
        if (RecordFrames.TryAppend(buffer, ref position, [1]) || position != buffer.Length)
            return false;
        RecordFrameEnumerator frames = RecordFrames.Read(buffer);
        foreach (byte[] record in records)
        {
            if (!frames.MoveNext() || !frames.Current.SequenceEqual(record))
                return false;
        }
        return !frames.MoveNext() && frames.Error == FrameError.None && frames.Offset == buffer.Length;
    });

    [TestCase("", 0, FrameError.None, 0)]
    [TestCase("00000001aa", 1, FrameError.None, 5)]
    [TestCase("00000001aa000000", 1, FrameError.LengthCutOff, 5)]
    [TestCase("00000001aa00000000", 1, FrameError.EmptyRecord, 5)]
    [TestCase("00000001aa00010001", 1, FrameError.RecordTooLong, 5)]
    [TestCase("ffffffff00", 0, FrameError.RecordTooLong, 0)]
    [TestCase("00000001aa00000003bbbb", 1, FrameError.RecordCutOff, 5)]
    [TestCase("00010000", 0, FrameError.RecordCutOff, 0)]
    public void Stops_at_a_bad_frame_and_says_why(string hex, int records, FrameError error, int offset)
    {
        RecordFrameEnumerator frames = RecordFrames.Read(Convert.FromHexString(hex));
        for (int i = 0; i < records; i++)
            Assert.That(frames.MoveNext(), Is.True);
        Assert.That(frames.MoveNext(), Is.False);
        Assert.That(frames.MoveNext(), Is.False);
        Assert.That(frames.Error, Is.EqualTo(error));
        Assert.That(frames.Offset, Is.EqualTo(offset));
    }
}
