// Written by `frontdesk gen client swift` from the contract of `partner`. Changes are lost when it is written again.

import Foundation

public struct Stock: Codable, Hashable, Sendable {
    public var available: Bool
    public var pieces: Int64

    public init(available: Bool, pieces: Int64) {
        self.available = available
        self.pieces = pieces
    }
}
