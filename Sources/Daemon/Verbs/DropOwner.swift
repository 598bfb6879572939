import Glibc

/// The user that a drop's state belongs to.
///
/// A verb run by root beside a service of another user would leave files that the service cannot open. So, once the
/// configuration and the secrets are read, root becomes that user for good.
package enum DropOwner {
    /// Becomes the owner of the state directory, if we are root and it is somebody else's.
    ///
    /// - Throws: ``CommandFailure`` when we cannot.
    package static func assume(of configuration: Configuration) throws {
        guard geteuid() == 0, let status = FileStatus(of: configuration.stateDirectory), status.user != 0
        else {
            return
        }
        let name = getpwuid(status.user).map { String(cString: $0.pointee.pw_name) }
        let groupsAreSet = name.map { initgroups($0, status.group) } ?? setgroups(0, nil)
        guard groupsAreSet == 0, setgid(status.group) == 0, setuid(status.user) == 0 else {
            throw CommandFailure(
                .noPermission,
                "cannot become user \(name ?? "\(status.user)"): \(Errno.text)"
            )
        }
        ProcessMemory.hide()
    }
}
