using System.Diagnostics.CodeAnalysis;
using Clob.Protocol;

namespace Clob.Client;

/// <summary>
/// All markets' books, built from the feed. Complete when it heard the session from the first message that is sent without a gap. Calls come from the
/// feed's thread; to read from another, lock on <see cref="Gate"/>.
/// </summary>
public sealed class FeedBooks : IFeedSubscriber
{
    /// <summary>Message 1 is the system event of the venue's first record, older than its feed: it is numbered but not sent, and no book hears of it.</summary>
    private const ulong FirstSent = 2;

    private readonly Dictionary<ushort, FeedBook> _books = [];

    /// <summary>Held while a message is applied.</summary>
    public Lock Gate { get; } = new();

    /// <summary>Whether nothing is missing: the books are exactly the venue's.</summary>
    public bool IsComplete { get; private set; }

    /// <summary>Sequence of the next message.</summary>
    public ulong NextSequence { get; private set; }

    /// <summary>Called on the feed's thread after each message, with the gate held.</summary>
    public FeedApplied? Applied { get; set; }

    /// <summary>The markets seen so far.</summary>
    public IReadOnlyCollection<FeedBook> Markets => _books.Values;

    /// <summary>A market's book; false before the first message about it.</summary>
    public bool TryGetBook(ushort market, [NotNullWhen(true)] out FeedBook? book) => _books.TryGetValue(market, out book);

    /// <inheritdoc/>
    public void OnMessage(ulong sequence, in FeedMessage message)
    {
        lock (Gate)
        {
            NextSequence = sequence + 1;
            if (message.Market != 0)
            {
                if (!_books.TryGetValue(message.Market, out var book))
                    _books.Add(message.Market, book = new FeedBook(message.Market));
                book.Apply(sequence, message);
            }

            Applied?.Invoke(sequence, message);
        }
    }

    /// <inheritdoc/>
    public void OnGap(ulong first, ulong count)
    {
        lock (Gate)
        {
            NextSequence = first + count;
            IsComplete = false;
        }
    }

    /// <inheritdoc/>
    public void OnSession(string session, ulong nextSequence)
    {
        lock (Gate)
        {
            _books.Clear();
            NextSequence = nextSequence;
            IsComplete = nextSequence <= FirstSent;
        }
    }
}

/// <summary>A message was applied to the books.</summary>
public delegate void FeedApplied(ulong sequence, in FeedMessage message);
