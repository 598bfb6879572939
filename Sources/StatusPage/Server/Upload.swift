/// A file that somebody sent with a form.
package struct Upload: Sendable {
    /// Its name as the browser had it, fit to be shown; never part of a path.
    package let name: String
    /// Where it lies until the request is answered.
    package let path: String
    package let bytes: Int
}
