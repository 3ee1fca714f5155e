//! What is true in Harbor's world: products, carts, prices, and the rows of the back office.
//!
//! All of it is computed from ids. No desk stores anything but what was added to a cart.

pub mod calendar;
pub mod cart;
pub mod price;
pub mod product;
pub mod review;
pub mod seed;
pub mod seller;
pub mod tables;
