using Clob.Engine;

namespace Clob.Appliance;

/// <summary>Reads of the venue's state as of everything that was durable when the request came.</summary>
internal interface IVenueReads
{
    /// <summary>Runs a read on the replica's thread between two records; the answer must not hold on to the Exchange.</summary>
    /// <param name="read">Takes what it needs and returns.</param>
    /// <param name="patience">The longest to wait for the replica to get there.</param>
    /// <exception cref="TimeoutException">The replica lags by more than the patience.</exception>
    Task<T> ReadAsync<T>(Func<Exchange, T> read, TimeSpan patience);
}
