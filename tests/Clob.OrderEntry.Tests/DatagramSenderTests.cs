using System.Net;
using System.Net.Sockets;
using Clob.Appliance.MarketData;

namespace Clob.OrderEntry.Tests;

/// <summary>Over a local datagram socket, whose queue is full as long as nobody reads: a network card's cannot be filled at will.</summary>
public sealed class DatagramSenderTests
{
    private string _directory = null!;
    private Socket _reader = null!;
    private Socket _socket = null!;
    private DatagramSender _sender;

    [SetUp]
    public void SetUp()
    {
        _directory = Directory.CreateTempSubdirectory("clob-datagrams-").FullName;
        UnixDomainSocketEndPoint end = new(Path.Combine(_directory, "reader"));
        _reader = new Socket(AddressFamily.Unix, SocketType.Dgram, ProtocolType.Unspecified) { Blocking = false };
        _reader.Bind(end);
        _socket = new Socket(AddressFamily.Unix, SocketType.Dgram, ProtocolType.Unspecified) { SendTimeout = 1 };
        SocketAddress address = end.Serialize();
        _sender = new DatagramSender((int)_socket.Handle, address.Buffer[..address.Size].ToArray());
    }

    [TearDown]
    public void TearDown()
    {
        _socket.Dispose();
        _reader.Dispose();
        Directory.Delete(_directory, recursive: true);
    }

    [Test]
    public void Waits_for_a_full_queue_once_and_not_again_until_a_datagram_is_taken()
    {
        Assert.That(Fill(), Is.Positive, "the queue took some before it was full");
        Assert.That(_sender.Waits, Is.EqualTo(1));
        for (int turn = 0; turn < 100; turn++)
        {
            _sender.BeginTurn();
            Assert.That(_sender.Send([1, 2, 3]), Is.Negative);
        }

        Assert.That(_sender.Waits, Is.EqualTo(1), "a queue that stays full is not waited for again");

        while (_reader.Available > 0)
            _reader.Receive(new byte[16]);
        Assert.That(Fill(), Is.Positive);
        Assert.That(_sender.Waits, Is.EqualTo(2), "the turn's one wait");
        while (_reader.Available > 0)
            _reader.Receive(new byte[16]);
        Assert.That(_sender.Send([1]), Is.Positive);
        Fill();
        Assert.That(_sender.Waits, Is.EqualTo(2), "no second one in the same turn");
        _sender.BeginTurn();
        while (_reader.Available > 0)
            _reader.Receive(new byte[16]);
        Fill();
        Assert.That(_sender.Waits, Is.EqualTo(3));
    }

    private int Fill()
    {
        int taken = 0;
        while (_sender.Send([1, 2, 3]) > 0)
            taken++;
        return taken;
    }
}
