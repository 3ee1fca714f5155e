// Written by `frontdesk gen client swift` from the contract of `shop`. Changes are lost when it is written again.

import Foundation

public indirect enum Banner: Codable, Hashable, Sendable {
    case bundle(BannerBundle)
    case offer(BannerOffer)
    /// What this client does not know yet.
    case other(JSONValue)

    public init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        let json = try container.decode(JSONValue.self)
        if json.isObject("kind", "take", "pay"), json.says("kind", "bundle"), let value = try? container.decode(BannerBundle.self) {
            self = .bundle(value)
            return
        }
        if json.isObject("kind", "percent"), json.says("kind", "offer"), let value = try? container.decode(BannerOffer.self) {
            self = .offer(value)
            return
        }
        self = .other(json)
    }

    public func encode(to encoder: any Encoder) throws {
        switch self {
        case .bundle(let value): try value.encode(to: encoder)
        case .offer(let value): try value.encode(to: encoder)
        case .other(let json): try json.encode(to: encoder)
        }
    }
}

public struct Category: Codable, Hashable, Sendable {
    public var name: String
    public var children: [Category]

    public init(name: String, children: [Category]) {
        self.name = name
        self.children = children
    }
}

/// What the first screen shows.
/// It is the same for all.
public struct Home: Codable, Hashable, Sendable {
    public var title: String
    @available(*, deprecated, message: "Use title. Deprecated since 2026-05-01.")
    public var headline: String {
        get { _headline }
        set { _headline = newValue }
    }
    private var _headline: String
    /// Since 5.1.0 of the client; older ones do not get it.
    public var greeting: String?
    /// For versions of the client before 6.0.0; newer ones do not get it.
    public var hello: String?
    /// For versions of the client from 5.0.0 to before 5.1.0; others do not get it.
    public var tip: String?
    /// Missing, null or a stand-in when the answer does without `similar`.
    public var similar: [Product]?
    /// Missing, null or a stand-in when the answer does without `promotions` or `similar`.
    public var banners: [Banner]
    public var tree: Category
    public var pages: [String: [Product?]]
    public var at: HomeAt
    public var hero: HomeHero?
    public var matrix: [[Double?]]
    public var anything: JSONValue
    public var nothing: JSONValue
    public var size: HomeSize?

    public init(
        title: String,
        headline: String,
        greeting: String? = nil,
        hello: String? = nil,
        tip: String? = nil,
        similar: [Product]?,
        banners: [Banner],
        tree: Category,
        pages: [String: [Product?]],
        at: HomeAt,
        hero: HomeHero?,
        matrix: [[Double?]],
        anything: JSONValue,
        nothing: JSONValue,
        size: HomeSize?
    ) {
        self.title = title
        self._headline = headline
        self.greeting = greeting
        self.hello = hello
        self.tip = tip
        self.similar = similar
        self.banners = banners
        self.tree = tree
        self.pages = pages
        self.at = at
        self.hero = hero
        self.matrix = matrix
        self.anything = anything
        self.nothing = nothing
        self.size = size
    }

    private enum CodingKeys: String, CodingKey {
        case title
        case _headline = "headline"
        case greeting
        case hello
        case tip
        case similar
        case banners
        case tree
        case pages
        case at
        case hero
        case matrix
        case anything
        case nothing
        case size
    }
}

public struct Money: Codable, Hashable, Sendable {
    public var amount: String
    /// Format: `iso-4217`.
    public var currency: String

    public init(amount: String, currency: String) {
        self.amount = amount
        self.currency = currency
    }
}

public struct Order: Codable, Hashable, Sendable {
    public var state: OrderState
    public var confirmAt: String?

    public init(state: OrderState, confirmAt: String?) {
        self.state = state
        self.confirmAt = confirmAt
    }
}

public struct Product: Codable, Hashable, Sendable {
    /// Pattern: `^[A-Z]{2}-[0-9]+$`.
    public var id: String
    /// As it stands on the box. */ alert(1)
    public var title: String
    public var price: Money
    /// From 0 to 5.
    /// Example: `4.5`
    public var rating: Double
    /// At most 4 items.
    public var tags: [ProductTag]?
    public var sizeChart: Bool

    public init(
        id: String,
        title: String,
        price: Money,
        rating: Double,
        tags: [ProductTag]? = nil,
        sizeChart: Bool
    ) {
        self.id = id
        self.title = title
        self.price = price
        self.rating = rating
        self.tags = tags
        self.sizeChart = sizeChart
    }

    private enum CodingKeys: String, CodingKey {
        case id
        case title
        case price
        case rating
        case tags
        case sizeChart = "size-chart"
    }
}

public struct BannerOffer: Codable, Hashable, Sendable {
    /// Always `offer`.
    public var kind: String
    /// From 1 to 100.
    public var percent: Int64

    public init(kind: String, percent: Int64) {
        self.kind = kind
        self.percent = percent
    }
}

public struct BannerBundle: Codable, Hashable, Sendable {
    /// Always `bundle`.
    public var kind: String
    public var take: Double
    public var pay: Double

    public init(kind: String, take: Double, pay: Double) {
        self.kind = kind
        self.take = take
        self.pay = pay
    }
}

public struct HomeAt: Codable, Hashable, Sendable {
    public var first: Double
    public var second: Double

    public init(first: Double, second: Double) {
        self.first = first
        self.second = second
    }

    public init(from decoder: any Decoder) throws {
        var items = try decoder.unkeyedContainer()
        self.first = try items.decode(Double.self)
        self.second = try items.decode(Double.self)
    }

    public func encode(to encoder: any Encoder) throws {
        var items = encoder.unkeyedContainer()
        try items.encode(first)
        try items.encode(second)
    }
}

public struct HomeHero: Codable, Hashable, Sendable {
    /// Format: `uri`.
    public var image: String
    public var alt: String?

    public init(image: String, alt: String? = nil) {
        self.image = image
        self.alt = alt
    }
}

public indirect enum HomeSize: Codable, Hashable, Sendable {
    case choice(HomeSizeChoice)
    case decimal(Double)
    /// What this client does not know yet.
    case other(JSONValue)

    public init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        let json = try container.decode(JSONValue.self)
        if json.isText("small", "large"), let value = try? container.decode(HomeSizeChoice.self) {
            self = .choice(value)
            return
        }
        if json.isNumber, let value = try? container.decode(Double.self) {
            self = .decimal(value)
            return
        }
        self = .other(json)
    }

    public func encode(to encoder: any Encoder) throws {
        switch self {
        case .choice(let value): try value.encode(to: encoder)
        case .decimal(let value): try value.encode(to: encoder)
        case .other(let json): try json.encode(to: encoder)
        }
    }
}

public enum HomeSizeChoice: RawRepresentable, Codable, Hashable, Sendable {
    case small
    case large
    /// A value that this client does not know yet.
    case unknown(String)

    public init(rawValue: String) {
        switch rawValue {
        case "small": self = .small
        case "large": self = .large
        default: self = .unknown(rawValue)
        }
    }

    public var rawValue: String {
        switch self {
        case .small: return "small"
        case .large: return "large"
        case .unknown(let text): return text
        }
    }
}

public enum OrderState: RawRepresentable, Codable, Hashable, Sendable {
    case placed
    case confirm
    /// A value that this client does not know yet.
    case unknown(String)

    public init(rawValue: String) {
        switch rawValue {
        case "placed": self = .placed
        case "confirm": self = .confirm
        default: self = .unknown(rawValue)
        }
    }

    public var rawValue: String {
        switch self {
        case .placed: return "placed"
        case .confirm: return "confirm"
        case .unknown(let text): return text
        }
    }
}

public enum ProductTag: RawRepresentable, Codable, Hashable, Sendable {
    case new
    case sale
    /// A value that this client does not know yet.
    case unknown(String)

    public init(rawValue: String) {
        switch rawValue {
        case "new": self = .new
        case "sale": self = .sale
        default: self = .unknown(rawValue)
        }
    }

    public var rawValue: String {
        switch self {
        case .new: return "new"
        case .sale: return "sale"
        case .unknown(let text): return text
        }
    }
}

public struct PlaceOrderBody: Codable, Hashable, Sendable {
    /// How it is paid.
    /// From 1 to 64 characters.
    public var methodId: String
    public var note: Nullable<String>?
    public var lines: [PlaceOrderBodyLine]

    public init(methodId: String, note: Nullable<String>? = nil, lines: [PlaceOrderBodyLine]) {
        self.methodId = methodId
        self.note = note
        self.lines = lines
    }
}

public struct PlaceOrderBodyLine: Codable, Hashable, Sendable {
    public var productId: String
    /// At least 1.
    public var quantity: Int64?

    public init(productId: String, quantity: Int64? = nil) {
        self.productId = productId
        self.quantity = quantity
    }
}

public struct SignOut: Codable, Hashable, Sendable {
    public init() {}
}
