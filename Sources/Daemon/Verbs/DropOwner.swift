// Which module owns `stat` depends on which others were loaded first; this is one of them.
import Dispatch
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
        var status = stat()
        guard geteuid() == 0, lstat(configuration.stateDirectory, &status) == 0, status.st_uid != 0 else {
            return
        }
        let name = getpwuid(status.st_uid).map { String(cString: $0.pointee.pw_name) }
        let groupsAreSet = name.map { initgroups($0, status.st_gid) } ?? setgroups(0, nil)
        guard groupsAreSet == 0, setgid(status.st_gid) == 0, setuid(status.st_uid) == 0 else {
            throw CommandFailure(
                .noPermission,
                "cannot become user \(name ?? "\(status.st_uid)"): \(Errno.text)"
            )
        }
        ProcessMemory.hide()
    }
}
