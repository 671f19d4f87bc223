namespace Clob.Appliance;

/// <summary>The venue once it is recovered; HTTP listens before that and answers 503.</summary>
internal sealed class VenueAccess
{
    private IVenue? _venue;

    /// <summary>The running venue; null while it is being recovered and once it is stopping.</summary>
    internal IVenue? Current => Volatile.Read(ref _venue);

    internal void Open(IVenue venue) => Volatile.Write(ref _venue, venue);

    internal void Close() => Volatile.Write(ref _venue, null);

    /// <summary>The running venue.</summary>
    /// <exception cref="VenueNotReadyException">There is none.</exception>
    internal IVenue Require() => Current ?? throw new VenueNotReadyException();
}

/// <summary>The venue is recovering or stopping.</summary>
internal sealed class VenueNotReadyException() : Exception("the venue is recovering or stopping; try again in a moment");
