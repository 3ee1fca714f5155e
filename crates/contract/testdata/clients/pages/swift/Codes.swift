// Written by `frontdesk gen client swift` from the contract of `web`. Changes are lost when it is written again.

/// Why `orders` may be refused.
public enum OrdersCode: ProblemCode {
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
