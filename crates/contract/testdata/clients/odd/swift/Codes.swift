// Written by `frontdesk gen client swift` from the contract of `odd-one.2`. Changes are lost when it is written again.

/// Why `constructor` may be refused.
public enum ConstructorCode: ProblemCode {
    /// 404 `unknown`
    case unknown2
    /// A code that this client does not know yet.
    case unknown(String)

    public init(rawValue: String) {
        switch rawValue {
        case "unknown": self = .unknown2
        default: self = .unknown(rawValue)
        }
    }

    public var rawValue: String {
        switch self {
        case .unknown2: return "unknown"
        case .unknown(let text): return text
        }
    }
}

/// Why `then` may be refused.
public enum ThenCode: ProblemCode {
    /// 404 `unknown`
    case unknown2
    /// A code that this client does not know yet.
    case unknown(String)

    public init(rawValue: String) {
        switch rawValue {
        case "unknown": self = .unknown2
        default: self = .unknown(rawValue)
        }
    }

    public var rawValue: String {
        switch self {
        case .unknown2: return "unknown"
        case .unknown(let text): return text
        }
    }
}

/// Why `default` may be refused.
public enum DefaultCode: ProblemCode {
    /// 404 `unknown`
    case unknown2
    /// A code that this client does not know yet.
    case unknown(String)

    public init(rawValue: String) {
        switch rawValue {
        case "unknown": self = .unknown2
        default: self = .unknown(rawValue)
        }
    }

    public var rawValue: String {
        switch self {
        case .unknown2: return "unknown"
        case .unknown(let text): return text
        }
    }
}

/// Why `delete` may be refused.
public enum DeleteCode: ProblemCode {
    /// 404 `unknown`
    case unknown2
    /// A code that this client does not know yet.
    case unknown(String)

    public init(rawValue: String) {
        switch rawValue {
        case "unknown": self = .unknown2
        default: self = .unknown(rawValue)
        }
    }

    public var rawValue: String {
        switch self {
        case .unknown2: return "unknown"
        case .unknown(let text): return text
        }
    }
}
