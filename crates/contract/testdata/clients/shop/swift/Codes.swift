// Written by `frontdesk gen client swift` from the contract of `shop`. Changes are lost when it is written again.

/// Why `home` may be refused.
public enum HomeCode: ProblemCode {
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

/// Why `oldHome` may be refused.
public enum OldHomeCode: ProblemCode {
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

/// Why `product` may be refused.
public enum ProductCode: ProblemCode {
    /// 400 `invalid_input`
    case invalidInput
    /// 401 `login_required`
    case loginRequired
    /// 503 `service_unavailable`
    case serviceUnavailable
    /// 504 `deadline_exceeded`
    case deadlineExceeded
    /// 404 `product_not_found`: There is no such product
    case productNotFound
    /// A code that this client does not know yet.
    case unknown(String)

    public init(rawValue: String) {
        switch rawValue {
        case "invalid_input": self = .invalidInput
        case "login_required": self = .loginRequired
        case "service_unavailable": self = .serviceUnavailable
        case "deadline_exceeded": self = .deadlineExceeded
        case "product_not_found": self = .productNotFound
        default: self = .unknown(rawValue)
        }
    }

    public var rawValue: String {
        switch self {
        case .invalidInput: return "invalid_input"
        case .loginRequired: return "login_required"
        case .serviceUnavailable: return "service_unavailable"
        case .deadlineExceeded: return "deadline_exceeded"
        case .productNotFound: return "product_not_found"
        case .unknown(let text): return text
        }
    }
}

/// Why `placeOrder` may be refused.
public enum PlaceOrderCode: ProblemCode {
    /// 400 `invalid_input`
    case invalidInput
    /// 401 `login_required`
    case loginRequired
    /// 503 `service_unavailable`
    case serviceUnavailable
    /// 504 `deadline_exceeded`
    case deadlineExceeded
    /// 409 `cart_empty`: The cart is empty
    case cartEmpty
    /// 422 `payment_declined`
    case paymentDeclined
    /// A code that this client does not know yet.
    case unknown(String)

    public init(rawValue: String) {
        switch rawValue {
        case "invalid_input": self = .invalidInput
        case "login_required": self = .loginRequired
        case "service_unavailable": self = .serviceUnavailable
        case "deadline_exceeded": self = .deadlineExceeded
        case "cart_empty": self = .cartEmpty
        case "payment_declined": self = .paymentDeclined
        default: self = .unknown(rawValue)
        }
    }

    public var rawValue: String {
        switch self {
        case .invalidInput: return "invalid_input"
        case .loginRequired: return "login_required"
        case .serviceUnavailable: return "service_unavailable"
        case .deadlineExceeded: return "deadline_exceeded"
        case .cartEmpty: return "cart_empty"
        case .paymentDeclined: return "payment_declined"
        case .unknown(let text): return text
        }
    }
}

/// Why `payOrder` may be refused.
public enum PayOrderCode: ProblemCode {
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

/// Why `signOut` may be refused.
public enum SignOutCode: ProblemCode {
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
