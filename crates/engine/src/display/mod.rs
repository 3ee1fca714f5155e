//! Values shown to people: money, numbers, moments, plurals, and pictures in the size of a screen.

mod image;

pub(crate) use image::image;
