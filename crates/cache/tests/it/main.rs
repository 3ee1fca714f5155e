//! What keeps answers, held to what it promises.
