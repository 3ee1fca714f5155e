// Written by `frontdesk gen client swift` from the contract of `odd-one.2`. Changes are lost when it is written again.

import Foundation

public typealias DataValue = [DataValueItem?]

public typealias Loop = JSONValue

public struct ProblemValue: Codable, Hashable, Sendable {
    /// One of `"1st"`, `2`, `true`, `null`, `"new-ish"`.
    public var when: JSONValue
    public var withSpace: String
    public var type: String

    public init(when: JSONValue, withSpace: String, type: String) {
        self.when = when
        self.withSpace = withSpace
        self.type = type
    }

    private enum CodingKeys: String, CodingKey {
        case when
        case withSpace = "with space"
        case type
    }
}

public struct Promise: Codable, Hashable, Sendable {
    public var id: String
    public var `class`: String
    public var _2nd: Double?

    public init(id: String, `class`: String, _2nd: Double? = nil) {
        self.id = id
        self.`class` = `class`
        self._2nd = _2nd
    }

    private enum CodingKeys: String, CodingKey {
        case id
        case `class`
        case _2nd = "2nd"
    }
}

public typealias StringValue = String

public struct ThenInput: Codable, Hashable, Sendable {
    public var value: String
    public var ünïcode: String

    public init(value: String, ünïcode: String) {
        self.value = value
        self.ünïcode = ünïcode
    }

    private enum CodingKeys: String, CodingKey {
        case value = "$value"
        case ünïcode
    }
}

public struct Class: Codable, Hashable, Sendable {
    public var id: String
    public var self_: Class? {
        get { _self_?.value }
        set { _self_ = newValue.map { Indirect($0) } }
    }
    private var _self_: Indirect<Class>?
    /// Everything else, by its key.
    public var more: [String: Double]

    public init(id: String, self_: Class? = nil, more: [String: Double] = [:]) {
        self.id = id
        self._self_ = self_.map { Indirect($0) }
        self.more = more
    }

    public init(from decoder: any Decoder) throws {
        let fields = try decoder.container(keyedBy: AnyKey.self)
        self.id = try fields.decode(String.self, forKey: AnyKey("id"))
        self._self_ = (try fields.decodeIfPresent(Class.self, forKey: AnyKey("self"))).map { Indirect($0) }
        var others: [String: Double] = [:]
        for key in fields.allKeys where !["id", "self"].contains(key.stringValue) {
            others[key.stringValue] = try fields.decode(Double.self, forKey: key)
        }
        self.more = others
    }

    public func encode(to encoder: any Encoder) throws {
        var fields = encoder.container(keyedBy: AnyKey.self)
        try fields.encode(id, forKey: AnyKey("id"))
        try fields.encodeIfPresent(_self_, forKey: AnyKey("self"))
        for (key, other) in more {
            try fields.encode(other, forKey: AnyKey(key))
        }
    }
}

public struct ThenInput2: Codable, Hashable, Sendable {
    public var proto: String

    public init(proto: String) {
        self.proto = proto
    }

    private enum CodingKeys: String, CodingKey {
        case proto = "__proto__"
    }
}

public indirect enum DataValueItem: Codable, Hashable, Sendable {
    case text(String)
    case items([Double])
    /// What this client does not know yet.
    case other(JSONValue)

    public init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        let json = try container.decode(JSONValue.self)
        if json.isText(), let value = try? container.decode(String.self) {
            self = .text(value)
            return
        }
        if json.isArray, let value = try? container.decode([Double].self) {
            self = .items(value)
            return
        }
        self = .other(json)
    }

    public func encode(to encoder: any Encoder) throws {
        switch self {
        case .text(let value): try value.encode(to: encoder)
        case .items(let value): try value.encode(to: encoder)
        case .other(let json): try json.encode(to: encoder)
        }
    }
}

public enum ConstructorIn: RawRepresentable, Codable, Hashable, Sendable {
    case aB
    case cD
    case empty
    /// A value that this client does not know yet.
    case unknown(String)

    public init(rawValue: String) {
        switch rawValue {
        case "a b": self = .aB
        case "c\"d": self = .cD
        case "": self = .empty
        default: self = .unknown(rawValue)
        }
    }

    public var rawValue: String {
        switch self {
        case .aB: return "a b"
        case .cD: return "c\"d"
        case .empty: return ""
        case .unknown(let text): return text
        }
    }
}

extension ConstructorIn: WireText {}

public struct ConstructorFilter: Codable, Hashable, Sendable {
    public var deep: [Double]

    public init(deep: [Double]) {
        self.deep = deep
    }
}
