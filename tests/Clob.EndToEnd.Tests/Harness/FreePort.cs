using System.Net;
using System.Net.Sockets;

namespace Clob.EndToEnd.Tests;

/// <summary>Ports below those that the system gives to outgoing connections, so that they are still free after a restart.</summary>
internal static class FreePort
{
    public static int Take()
    {
        while (true)
        {
            int port = Random.Shared.Next(20_000, 32_000);
            using var probe = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
            try
            {
                probe.Bind(new IPEndPoint(IPAddress.Loopback, port));
                return port;
            }
            catch (SocketException)
            {
                // taken
            }
        }
    }
}
