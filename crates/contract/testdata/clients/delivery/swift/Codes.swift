// Written by `frontdesk gen client swift` from the contract of `delivery`. Changes are lost when it is written again.

/// Why `track` may be refused.
public enum TrackCode: ProblemCode {
    /// 400 `invalid_input`
    case invalidInput
    /// 401 `login_required`
    case loginRequired
    /// 503 `service_unavailable`
    case serviceUnavailable
    /// 504 `deadline_exceeded`
    case deadlineExceeded
    /// 404 `gone_away`: */ It's $gone \(away)
    case goneAway
    /// A code that this client does not know yet.
    case unknown(String)

    public init(rawValue: String) {
        switch rawValue {
        case "invalid_input": self = .invalidInput
        case "login_required": self = .loginRequired
        case "service_unavailable": self = .serviceUnavailable
        case "deadline_exceeded": self = .deadlineExceeded
        case "gone_away": self = .goneAway
        default: self = .unknown(rawValue)
        }
    }

    public var rawValue: String {
        switch self {
        case .invalidInput: return "invalid_input"
        case .loginRequired: return "login_required"
        case .serviceUnavailable: return "service_unavailable"
        case .deadlineExceeded: return "deadline_exceeded"
        case .goneAway: return "gone_away"
        case .unknown(let text): return text
        }
    }
}

/// Why `change` may be refused.
public enum ChangeCode: ProblemCode {
    /// 400 `invalid_input`
    case invalidInput
    /// 401 `login_required`
    case loginRequired
    /// 503 `service_unavailable`
    case serviceUnavailable
    /// 504 `deadline_exceeded`
    case deadlineExceeded
    /// 409 `gone_away`: */ It's $gone \(away)
    case goneAway
    /// A code that this client does not know yet.
    case unknown(String)

    public init(rawValue: String) {
        switch rawValue {
        case "invalid_input": self = .invalidInput
        case "login_required": self = .loginRequired
        case "service_unavailable": self = .serviceUnavailable
        case "deadline_exceeded": self = .deadlineExceeded
        case "gone_away": self = .goneAway
        default: self = .unknown(rawValue)
        }
    }

    public var rawValue: String {
        switch self {
        case .invalidInput: return "invalid_input"
        case .loginRequired: return "login_required"
        case .serviceUnavailable: return "service_unavailable"
        case .deadlineExceeded: return "deadline_exceeded"
        case .goneAway: return "gone_away"
        case .unknown(let text): return text
        }
    }
}

/// Why `names` may be refused.
public enum NamesCode: ProblemCode {
    /// 400 `invalid_input`
    case invalidInput
    /// 401 `login_required`
    case loginRequired
    /// 503 `service_unavailable`
    case serviceUnavailable
    /// 504 `deadline_exceeded`
    case deadlineExceeded
    /// 404 `1st`: */ It's $gone \(away)
    case _1st
    /// A code that this client does not know yet.
    case unknown(String)

    public init(rawValue: String) {
        switch rawValue {
        case "invalid_input": self = .invalidInput
        case "login_required": self = .loginRequired
        case "service_unavailable": self = .serviceUnavailable
        case "deadline_exceeded": self = .deadlineExceeded
        case "1st": self = ._1st
        default: self = .unknown(rawValue)
        }
    }

    public var rawValue: String {
        switch self {
        case .invalidInput: return "invalid_input"
        case .loginRequired: return "login_required"
        case .serviceUnavailable: return "service_unavailable"
        case .deadlineExceeded: return "deadline_exceeded"
        case ._1st: return "1st"
        case .unknown(let text): return text
        }
    }
}

/// Why `where` may be refused.
public enum WhereCode: ProblemCode {
    /// 400 `invalid_input`
    case invalidInput
    /// 401 `login_required`
    case loginRequired
    /// 503 `service_unavailable`
    case serviceUnavailable
    /// 504 `deadline_exceeded`
    case deadlineExceeded
    /// A code that this client does not know yet.
    case unknown(String)

    public init(rawValue: String) {
        switch rawValue {
        case "invalid_input": self = .invalidInput
        case "login_required": self = .loginRequired
        case "service_unavailable": self = .serviceUnavailable
        case "deadline_exceeded": self = .deadlineExceeded
        default: self = .unknown(rawValue)
        }
    }

    public var rawValue: String {
        switch self {
        case .invalidInput: return "invalid_input"
        case .loginRequired: return "login_required"
        case .serviceUnavailable: return "service_unavailable"
        case .deadlineExceeded: return "deadline_exceeded"
        case .unknown(let text): return text
        }
    }
}

/// Why `class` may be refused.
public enum ClassCode: ProblemCode {
    /// 400 `invalid_input`
    case invalidInput
    /// 401 `login_required`
    case loginRequired
    /// 503 `service_unavailable`
    case serviceUnavailable
    /// 504 `deadline_exceeded`
    case deadlineExceeded
    /// A code that this client does not know yet.
    case unknown(String)

    public init(rawValue: String) {
        switch rawValue {
        case "invalid_input": self = .invalidInput
        case "login_required": self = .loginRequired
        case "service_unavailable": self = .serviceUnavailable
        case "deadline_exceeded": self = .deadlineExceeded
        default: self = .unknown(rawValue)
        }
    }

    public var rawValue: String {
        switch self {
        case .invalidInput: return "invalid_input"
        case .loginRequired: return "login_required"
        case .serviceUnavailable: return "service_unavailable"
        case .deadlineExceeded: return "deadline_exceeded"
        case .unknown(let text): return text
        }
    }
}
