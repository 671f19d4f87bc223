using System.Net.Sockets;
using Clob.Client;

namespace Clob.EndToEnd.Tests;

/// <summary>The first connection of a client, which comes back by itself only afterwards.</summary>
internal static class Patiently
{
    /// <summary>Connects; tries again when the connection was cut before the login was answered.</summary>
    public static async Task<OrderEntryClient> ConnectAsync(OrderEntryOptions options, IOrderEntryListener listener)
    {
        long end = Environment.TickCount64 + (long)ProgramProcess.Patience.TotalMilliseconds;
        while (true)
        {
            try
            {
                return await OrderEntryClient.ConnectAsync(options, listener).ConfigureAwait(false);
            }
            catch (Exception cut) when (cut is SocketException or IOException && Environment.TickCount64 < end)
            {
                await Task.Delay(20).ConfigureAwait(false);
            }
        }
    }
}
