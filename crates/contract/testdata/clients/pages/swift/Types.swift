// Written by `frontdesk gen client swift` from the contract of `web`. Changes are lost when it is written again.

import Foundation
