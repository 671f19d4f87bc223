using Clob.Appliance.Diagnostics;
using Microsoft.Extensions.Logging;

namespace Clob.Appliance;

/// <summary>Puts the parts of a running venue together.</summary>
internal static class Venue
{
    /// <summary>Recovers the venue, or makes it at the first start, and starts everything that runs.</summary>
    internal static Task<IVenue> OpenAsync(ApplianceSettings settings, DataLayout layout, VenueKeys keys, VenueMetrics metrics, ILoggerFactory logging)
    {
        _ = (settings, layout, keys, metrics, logging);
        throw new IOException("the pipeline is not part of this build yet");
    }
}
