// Written by `frontdesk gen client kotlin` from the contract of `web`. Changes are lost when it is written again.

package frontdesk.web

