import Foundation

extension EventifyError {
    /// What it is about, whatever kind of answer it is.
    public var failure: Failure {
        switch self {
        case .Malformed(let failure), .Invalid(let failure), .Unauthenticated(let failure), .Forbidden(let failure),
            .NotFound(let failure), .Rule(let failure), .Stale(let failure), .Throttled(let failure),
            .Unavailable(let failure), .Internal(let failure), .Closed(let failure):
            return failure
        }
    }

    /// The stable code, the same as in HTTP, such as `sold_out`.
    public var code: String { failure.code }

    /// Whether the very same request may succeed later without anybody changing anything.
    public var isRetryable: Bool { failure.isRetryable }
}

extension EventifyError: LocalizedError {
    /// The sentence for people.
    public var errorDescription: String? { failure.message }
}
