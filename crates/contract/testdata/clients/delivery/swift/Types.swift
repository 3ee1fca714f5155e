// Written by `frontdesk gen client swift` from the contract of `delivery`. Changes are lost when it is written again.

import Foundation

public enum Colour: RawRepresentable, Codable, Hashable, Sendable {
    case red
    case none_
    case unknown2
    case some_
    case `default`
    case default2
    case _1st
    case empty
    case self_
    /// A value that this client does not know yet.
    case unknown(String)

    public init(rawValue: String) {
        switch rawValue {
        case "red": self = .red
        case "none": self = .none_
        case "unknown": self = .unknown2
        case "some": self = .some_
        case "Default": self = .`default`
        case "default": self = .default2
        case "1st": self = ._1st
        case "*": self = .empty
        case "self": self = .self_
        default: self = .unknown(rawValue)
        }
    }

    public var rawValue: String {
        switch self {
        case .red: return "red"
        case .none_: return "none"
        case .unknown2: return "unknown"
        case .some_: return "some"
        case .`default`: return "Default"
        case .default2: return "default"
        case ._1st: return "1st"
        case .empty: return "*"
        case .self_: return "self"
        case .unknown(let text): return text
        }
    }
}

extension Colour: WireText {}

public struct Depot: Codable, Hashable, Sendable {
    public var near: Region? {
        get { _near?.value }
        set { _near = newValue.map { Indirect($0) } }
    }
    private var _near: Indirect<Region>?
    public var name: String

    public init(near: Region? = nil, name: String) {
        self._near = near.map { Indirect($0) }
        self.name = name
    }

    private enum CodingKeys: String, CodingKey {
        case _near = "near"
        case name
    }
}

public struct Everything: Codable, Hashable, Sendable {
    public var whole: Int64
    public var decimal: Double
    public var flag: Bool
    /// Format: `date-time`.
    public var text: String
    /// One of `1`, `2`.
    public var numbered: Int64
    /// One of `0.5`, `1`.
    public var halves: Double
    /// One of `true`.
    public var yes: Bool
    public var maybe: EverythingMaybe?
    public var none_: JSONValue?
    public var nullable: String?
    public var missing: String?
    public var both: String?
    /// For versions of the client from 2.1.0 to before 3.0.0; others do not get it.
    /// Missing, null or a stand-in when the answer does without `weather`.
    @available(*, deprecated, message: "Use both. It says \"less\" than $both. Deprecated since 2026-05-01, may be gone from 2027-01-01 on.")
    public var all: String? {
        get { _all }
        set { _all = newValue }
    }
    private var _all: String?
    public var counts: [String: Int64?]
    public var maps: [String: [String: Step]]
    public var open: EverythingOpen
    public var empty: EverythingEmpty
    public var forest: Forest
    public var step: Step
    public var depot: Depot
    public var point: PointOrNull?
    public var points: [PointOrNull?]
    public var nothing: EverythingNothing
    public var twins: String?
    public var one: Depot?
    public var any: EverythingAny?

    public init(
        whole: Int64,
        decimal: Double,
        flag: Bool,
        text: String,
        numbered: Int64,
        halves: Double,
        yes: Bool,
        maybe: EverythingMaybe?,
        none_: JSONValue? = nil,
        nullable: String?,
        missing: String? = nil,
        both: String? = nil,
        all: String? = nil,
        counts: [String: Int64?],
        maps: [String: [String: Step]],
        open: EverythingOpen,
        empty: EverythingEmpty,
        forest: Forest,
        step: Step,
        depot: Depot,
        point: PointOrNull?,
        points: [PointOrNull?],
        nothing: EverythingNothing,
        twins: String?,
        one: Depot?,
        any: EverythingAny?
    ) {
        self.whole = whole
        self.decimal = decimal
        self.flag = flag
        self.text = text
        self.numbered = numbered
        self.halves = halves
        self.yes = yes
        self.maybe = maybe
        self.none_ = none_
        self.nullable = nullable
        self.missing = missing
        self.both = both
        self._all = all
        self.counts = counts
        self.maps = maps
        self.open = open
        self.empty = empty
        self.forest = forest
        self.step = step
        self.depot = depot
        self.point = point
        self.points = points
        self.nothing = nothing
        self.twins = twins
        self.one = one
        self.any = any
    }

    private enum CodingKeys: String, CodingKey {
        case whole
        case decimal
        case flag
        case text
        case numbered
        case halves
        case yes
        case maybe
        case none_ = "none"
        case nullable
        case missing
        case both
        case _all = "all"
        case counts
        case maps
        case open
        case empty
        case forest
        case step
        case depot
        case point
        case points
        case nothing
        case twins
        case one
        case any
    }
}

public typealias Forest = [JSONValue]

public struct Letter: Codable, Hashable, Sendable {
    /// Always `letter`.
    public var type: String
    public var registered: Bool?

    public init(type: String = "letter", registered: Bool? = nil) {
        self.type = type
        self.registered = registered
    }
}

public struct List: Codable, Hashable, Sendable {
    public var list: [List]?

    public init(list: [List]? = nil) {
        self.list = list
    }
}

public struct Names: Codable, Hashable, Sendable {
    public var `class`: String
    public var `in`: String
    public var `default`: String
    public var self_: String
    public var type: String
    public var init_: String
    public var object: String
    public var fun: String
    public var val: String
    public var `var`: String
    public var `func`: String
    public var `let`: String
    public var `nil`: String
    public var null: String
    public var `true`: String
    public var when: String
    public var `where`: String
    public var `is`: String
    public var `as`: String
    public var `protocol`: String
    public var `extension`: String
    public var `typealias`: String
    public var hashValue_: String
    public var hashCode: String
    public var toString: String
    public var copy: String
    public var component1: String
    public var equals: String
    public var getClass: String
    public var encode: String
    public var rawValue_: String
    public var description: String
    public var codingKeys: String
    public var companion: String
    public var serializer: String
    public var it: String
    public var value: String
    public var json: String
    public var more: String
    public var field2: String
    public var field3: String
    public var field4: String
    public var xY2: String
    public var xY: String
    public var xY3: String
    public var _1st: String
    public var ünïcode: String
    public var aB: String
    public var 任务: String
    public var self_2: String
    public var any2: String
    public var any: String
    public var some_: String
    public var `await`: String
    public var `throws`: String
    public var `inout`: String
    public var `operator`: String
    public var `repeat`: String
    public var `super`: String
    public var this: String
    public var suspend: String
    public var open: String
    public var data: String
    public var by: String
    public var get: String
    public var set: String
    public var field: String
    public var string: String
    public var int: String
    public var typeof: String
    public var actual: String
    public var async: String
    public var actor: String

    public init(
        `class`: String,
        `in`: String,
        `default`: String,
        self_: String,
        type: String,
        init_: String,
        object: String,
        fun: String,
        val: String,
        `var`: String,
        `func`: String,
        `let`: String,
        `nil`: String,
        null: String,
        `true`: String,
        when: String,
        `where`: String,
        `is`: String,
        `as`: String,
        `protocol`: String,
        `extension`: String,
        `typealias`: String,
        hashValue_: String,
        hashCode: String,
        toString: String,
        copy: String,
        component1: String,
        equals: String,
        getClass: String,
        encode: String,
        rawValue_: String,
        description: String,
        codingKeys: String,
        companion: String,
        serializer: String,
        it: String,
        value: String,
        json: String,
        more: String,
        field2: String,
        field3: String,
        field4: String,
        xY2: String,
        xY: String,
        xY3: String,
        _1st: String,
        ünïcode: String,
        aB: String,
        任务: String,
        self_2: String,
        any2: String,
        any: String,
        some_: String,
        `await`: String,
        `throws`: String,
        `inout`: String,
        `operator`: String,
        `repeat`: String,
        `super`: String,
        this: String,
        suspend: String,
        open: String,
        data: String,
        by: String,
        get: String,
        set: String,
        field: String,
        string: String,
        int: String,
        typeof: String,
        actual: String,
        async: String,
        actor: String
    ) {
        self.`class` = `class`
        self.`in` = `in`
        self.`default` = `default`
        self.self_ = self_
        self.type = type
        self.init_ = init_
        self.object = object
        self.fun = fun
        self.val = val
        self.`var` = `var`
        self.`func` = `func`
        self.`let` = `let`
        self.`nil` = `nil`
        self.null = null
        self.`true` = `true`
        self.when = when
        self.`where` = `where`
        self.`is` = `is`
        self.`as` = `as`
        self.`protocol` = `protocol`
        self.`extension` = `extension`
        self.`typealias` = `typealias`
        self.hashValue_ = hashValue_
        self.hashCode = hashCode
        self.toString = toString
        self.copy = copy
        self.component1 = component1
        self.equals = equals
        self.getClass = getClass
        self.encode = encode
        self.rawValue_ = rawValue_
        self.description = description
        self.codingKeys = codingKeys
        self.companion = companion
        self.serializer = serializer
        self.it = it
        self.value = value
        self.json = json
        self.more = more
        self.field2 = field2
        self.field3 = field3
        self.field4 = field4
        self.xY2 = xY2
        self.xY = xY
        self.xY3 = xY3
        self._1st = _1st
        self.ünïcode = ünïcode
        self.aB = aB
        self.任务 = 任务
        self.self_2 = self_2
        self.any2 = any2
        self.any = any
        self.some_ = some_
        self.`await` = `await`
        self.`throws` = `throws`
        self.`inout` = `inout`
        self.`operator` = `operator`
        self.`repeat` = `repeat`
        self.`super` = `super`
        self.this = this
        self.suspend = suspend
        self.open = open
        self.data = data
        self.by = by
        self.get = get
        self.set = set
        self.field = field
        self.string = string
        self.int = int
        self.typeof = typeof
        self.actual = actual
        self.async = async
        self.actor = actor
    }

    private enum CodingKeys: String, CodingKey {
        case `class`
        case `in`
        case `default`
        case self_ = "self"
        case type = "Type"
        case init_ = "init"
        case object
        case fun
        case val
        case `var`
        case `func`
        case `let`
        case `nil`
        case null
        case `true`
        case when
        case `where`
        case `is`
        case `as`
        case `protocol`
        case `extension`
        case `typealias`
        case hashValue_ = "hashValue"
        case hashCode
        case toString
        case copy
        case component1
        case equals
        case getClass
        case encode
        case rawValue_ = "rawValue"
        case description
        case codingKeys = "CodingKeys"
        case companion = "Companion"
        case serializer
        case it
        case value
        case json
        case more
        case field2 = "_"
        case field3 = "__"
        case field4 = "$"
        case xY2 = "x-y"
        case xY
        case xY3 = "x_y"
        case _1st = "1st"
        case ünïcode
        case aB = "a.b"
        case 任务
        case self_2 = "Self"
        case any2 = "Any"
        case any
        case some_ = "some"
        case `await`
        case `throws`
        case `inout`
        case `operator`
        case `repeat`
        case `super`
        case this
        case suspend
        case open
        case data
        case by
        case get
        case set
        case field
        case string = "String"
        case int = "Int"
        case typeof
        case actual
        case async
        case actor
    }
}

public struct Parcel: Codable, Hashable, Sendable {
    /// Always `parcel`.
    public var type: String
    public var weight: Double

    public init(type: String = "parcel", weight: Double) {
        self.type = type
        self.weight = weight
    }
}

public struct Patch: Codable, Hashable, Sendable {
    /// Always `patch`.
    public var kind: String
    public var required: String
    public var cleared: String?
    public var left: String?
    public var either: Nullable<String>?
    public var colour: Nullable<Colour>?
    /// At least 1 item.
    public var limits: [Double?]?
    public var open: PatchOpen?
    public var step: Step?
    public var point: Point?

    public init(
        kind: String = "patch",
        required: String,
        cleared: String?,
        left: String? = nil,
        either: Nullable<String>? = nil,
        colour: Nullable<Colour>? = nil,
        limits: [Double?]? = nil,
        open: PatchOpen? = nil,
        step: Step? = nil,
        point: Point? = nil
    ) {
        self.kind = kind
        self.required = required
        self.cleared = cleared
        self.left = left
        self.either = either
        self.colour = colour
        self.limits = limits
        self.open = open
        self.step = step
        self.point = point
    }

    private enum CodingKeys: String, CodingKey {
        case kind
        case required
        case cleared
        case left
        case either
        case colour
        case limits
        case open
        case step
        case point
    }

    public func encode(to encoder: any Encoder) throws {
        var fields = encoder.container(keyedBy: CodingKeys.self)
        try fields.encode(kind, forKey: .kind)
        try fields.encode(required, forKey: .required)
        try fields.encode(cleared, forKey: .cleared)
        try fields.encodeIfPresent(left, forKey: .left)
        try fields.encodeIfPresent(either, forKey: .either)
        try fields.encodeIfPresent(colour, forKey: .colour)
        try fields.encodeIfPresent(limits, forKey: .limits)
        try fields.encodeIfPresent(open, forKey: .open)
        try fields.encodeIfPresent(step, forKey: .step)
        try fields.encodeIfPresent(point, forKey: .point)
    }
}

public struct Point: Codable, Hashable, Sendable {
    public var first: Double
    public var second: Double?
    public var third: Colour

    public init(first: Double, second: Double?, third: Colour) {
        self.first = first
        self.second = second
        self.third = third
    }

    public init(from decoder: any Decoder) throws {
        var items = try decoder.unkeyedContainer()
        self.first = try items.decode(Double.self)
        self.second = try items.decode(Double?.self)
        self.third = try items.decode(Colour.self)
    }

    public func encode(to encoder: any Encoder) throws {
        var items = encoder.unkeyedContainer()
        try items.encode(first)
        try items.encode(second)
        try items.encode(third)
    }
}

public typealias PointOrNull = Point

public struct Region: Codable, Hashable, Sendable {
    public var main: Depot? {
        get { _main?.value }
        set { _main = newValue.map { Indirect($0) } }
    }
    private var _main: Indirect<Depot>?

    public init(main: Depot?) {
        self._main = main.map { Indirect($0) }
    }

    private enum CodingKeys: String, CodingKey {
        case _main = "main"
    }
}

public indirect enum Step: Codable, Hashable, Sendable {
    case parcel(Parcel)
    case both(StepBoth)
    case letter(Letter)
    case items([Step])
    /// What this client does not know yet.
    case other(JSONValue)

    public init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        let json = try container.decode(JSONValue.self)
        if json.isObject("type", "weight"), json.says("type", "parcel"), let value = try? container.decode(Parcel.self) {
            self = .parcel(value)
            return
        }
        if json.isObject("type", "then"), json.says("type", "both"), let value = try? container.decode(StepBoth.self) {
            self = .both(value)
            return
        }
        if json.isObject("type"), json.says("type", "letter"), let value = try? container.decode(Letter.self) {
            self = .letter(value)
            return
        }
        if json.isArray, let value = try? container.decode([Step].self) {
            self = .items(value)
            return
        }
        self = .other(json)
    }

    public func encode(to encoder: any Encoder) throws {
        switch self {
        case .parcel(let value): try value.encode(to: encoder)
        case .both(let value): try value.encode(to: encoder)
        case .letter(let value): try value.encode(to: encoder)
        case .items(let value): try value.encode(to: encoder)
        case .other(let json): try json.encode(to: encoder)
        }
    }
}

public struct Track: Codable, Hashable, Sendable {
    public var taken: Bool

    public init(taken: Bool) {
        self.taken = taken
    }
}

public struct TypeValue: Codable, Hashable, Sendable {
    public var type: Colour

    public init(type: Colour) {
        self.type = type
    }

    private enum CodingKeys: String, CodingKey {
        case type = "Type"
    }
}

public enum EverythingMaybe: RawRepresentable, Codable, Hashable, Sendable {
    case a
    case b
    /// A value that this client does not know yet.
    case unknown(String)

    public init(rawValue: String) {
        switch rawValue {
        case "a": self = .a
        case "b": self = .b
        default: self = .unknown(rawValue)
        }
    }

    public var rawValue: String {
        switch self {
        case .a: return "a"
        case .b: return "b"
        case .unknown(let text): return text
        }
    }
}

public struct EverythingOpen: Codable, Hashable, Sendable {
    public var id: String
    public var n: Double?
    /// Everything else, by its key.
    public var more: [String: Double]

    public init(id: String, n: Double? = nil, more: [String: Double] = [:]) {
        self.id = id
        self.n = n
        self.more = more
    }

    public init(from decoder: any Decoder) throws {
        let fields = try decoder.container(keyedBy: AnyKey.self)
        self.id = try fields.decode(String.self, forKey: AnyKey("id"))
        self.n = try fields.decodeIfPresent(Double.self, forKey: AnyKey("n"))
        var others: [String: Double] = [:]
        for key in fields.allKeys where !["id", "n"].contains(key.stringValue) {
            others[key.stringValue] = try fields.decode(Double.self, forKey: key)
        }
        self.more = others
    }

    public func encode(to encoder: any Encoder) throws {
        var fields = encoder.container(keyedBy: AnyKey.self)
        try fields.encode(id, forKey: AnyKey("id"))
        try fields.encodeIfPresent(n, forKey: AnyKey("n"))
        for (key, other) in more {
            try fields.encode(other, forKey: AnyKey(key))
        }
    }
}

public struct EverythingEmpty: Codable, Hashable, Sendable {
    public init() {}
}

public struct EverythingNothing: Codable, Hashable, Sendable {
    public init() {}

    public init(from decoder: any Decoder) throws {
        _ = try decoder.unkeyedContainer()
    }

    public func encode(to encoder: any Encoder) throws {
        _ = encoder.unkeyedContainer()
    }
}

public indirect enum EverythingAny: Codable, Hashable, Sendable {
    case everythingAny2(EverythingAny2)
    case everythingAny1(EverythingAny1)
    case whole(Int64)
    case entries([String: Double])
    case colour(Colour)
    case text(String)
    case decimal(Double)
    case flag(Bool)
    case items([String])
    case point(Point)
    /// What this client does not know yet.
    case other(JSONValue)

    public init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        let json = try container.decode(JSONValue.self)
        if json.isObject("tight"), let value = try? container.decode(EverythingAny2.self) {
            self = .everythingAny2(value)
            return
        }
        if json.isObject(), let value = try? container.decode(EverythingAny1.self) {
            self = .everythingAny1(value)
            return
        }
        if json.isInteger, let value = try? container.decode(Int64.self) {
            self = .whole(value)
            return
        }
        if json.isObject(), let value = try? container.decode([String: Double].self) {
            self = .entries(value)
            return
        }
        if json.isText("red", "none", "unknown", "some", "Default", "default", "1st", "*", "self"), let value = try? container.decode(Colour.self) {
            self = .colour(value)
            return
        }
        if json.isText(), let value = try? container.decode(String.self) {
            self = .text(value)
            return
        }
        if json.isNumber, let value = try? container.decode(Double.self) {
            self = .decimal(value)
            return
        }
        if json.isBoolean, let value = try? container.decode(Bool.self) {
            self = .flag(value)
            return
        }
        if json.isArray, let value = try? container.decode([String].self) {
            self = .items(value)
            return
        }
        if json.isArray, let value = try? container.decode(Point.self) {
            self = .point(value)
            return
        }
        self = .other(json)
    }

    public func encode(to encoder: any Encoder) throws {
        switch self {
        case .everythingAny2(let value): try value.encode(to: encoder)
        case .everythingAny1(let value): try value.encode(to: encoder)
        case .whole(let value): try value.encode(to: encoder)
        case .entries(let value): try value.encode(to: encoder)
        case .colour(let value): try value.encode(to: encoder)
        case .text(let value): try value.encode(to: encoder)
        case .decimal(let value): try value.encode(to: encoder)
        case .flag(let value): try value.encode(to: encoder)
        case .items(let value): try value.encode(to: encoder)
        case .point(let value): try value.encode(to: encoder)
        case .other(let json): try json.encode(to: encoder)
        }
    }
}

public struct EverythingAny1: Codable, Hashable, Sendable {
    public var loose: String?

    public init(loose: String? = nil) {
        self.loose = loose
    }
}

public struct EverythingAny2: Codable, Hashable, Sendable {
    public var tight: String
    public var loose: String?

    public init(tight: String, loose: String? = nil) {
        self.tight = tight
        self.loose = loose
    }
}

public struct PatchOpen: Codable, Hashable, Sendable {
    public var aB: String?
    public var c: Nullable<String>?
    /// Everything else, by its key.
    public var more: [String: String]

    public init(aB: String?, c: Nullable<String>? = nil, more: [String: String] = [:]) {
        self.aB = aB
        self.c = c
        self.more = more
    }

    public init(from decoder: any Decoder) throws {
        let fields = try decoder.container(keyedBy: AnyKey.self)
        self.aB = try fields.decodeIfPresent(String.self, forKey: AnyKey("a-b"))
        self.c = try fields.decodeIfPresent(Nullable<String>.self, forKey: AnyKey("c"))
        var others: [String: String] = [:]
        for key in fields.allKeys where !["a-b", "c"].contains(key.stringValue) {
            others[key.stringValue] = try fields.decode(String.self, forKey: key)
        }
        self.more = others
    }

    public func encode(to encoder: any Encoder) throws {
        var fields = encoder.container(keyedBy: AnyKey.self)
        try fields.encode(aB, forKey: AnyKey("a-b"))
        try fields.encodeIfPresent(c, forKey: AnyKey("c"))
        for (key, other) in more {
            try fields.encode(other, forKey: AnyKey(key))
        }
    }
}

public struct StepBoth: Codable, Hashable, Sendable {
    /// Always `both`.
    public var type: String
    public var then: Step

    public init(type: String = "both", then: Step) {
        self.type = type
        self.then = then
    }
}

public enum TrackExchange: RawRepresentable, Codable, Hashable, Sendable {
    case aB
    case cD
    /// A value that this client does not know yet.
    case unknown(String)

    public init(rawValue: String) {
        switch rawValue {
        case "a&b": self = .aB
        case "c d": self = .cD
        default: self = .unknown(rawValue)
        }
    }

    public var rawValue: String {
        switch self {
        case .aB: return "a&b"
        case .cD: return "c d"
        case .unknown(let text): return text
        }
    }
}

extension TrackExchange: WireText {}
