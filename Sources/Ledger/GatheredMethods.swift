import GRDBSQLite
import Threads

/// What SQLite calls of a ``GatheredFile``.
enum GatheredMethods {
    /// The functions that SQLite calls; those of the third version are for files in mapped memory.
    static var all: sqlite3_io_methods {
        var methods = sqlite3_io_methods()
        methods.iVersion = 2
        methods.xClose = { file in
            guard let file else { return SQLITE_MISUSE }
            return GatheredFile.of(file).pointee.close(file)
        }
        methods.xRead = { file, target, amount, place in
            guard let file, let target else { return SQLITE_MISUSE }
            // Neither a commit nor a checkpoint is made of statements.
            StandingBack.giveWay()
            return GatheredFile.of(file).pointee.read(file, target, Int(amount), at: place)
        }
        methods.xWrite = { file, source, amount, place in
            guard let file, let source else { return SQLITE_MISUSE }
            StandingBack.giveWay()
            return GatheredFile.of(file).pointee.write(file, source, Int(amount), at: place)
        }
        methods.xTruncate = { file, size in
            GatheredMethods.flushed(file) { system in system.pointee.pMethods.pointee.xTruncate?(system, size)
            }
        }
        methods.xSync = { file, flags in
            GatheredMethods.flushed(file) { system in system.pointee.pMethods.pointee.xSync?(system, flags) }
        }
        methods.xFileSize = { file, size in
            GatheredMethods.flushed(file) { system in system.pointee.pMethods.pointee.xFileSize?(system, size)
            }
        }
        methods.xLock = { file, level in
            GatheredMethods.passed(file) { system in system.pointee.pMethods.pointee.xLock?(system, level) }
        }
        methods.xUnlock = { file, level in
            GatheredMethods.passed(file) { system in system.pointee.pMethods.pointee.xUnlock?(system, level) }
        }
        methods.xCheckReservedLock = { file, result in
            GatheredMethods.passed(file) { system in
                system.pointee.pMethods.pointee.xCheckReservedLock?(system, result)
            }
        }
        methods.xFileControl = { file, code, argument in
            guard let file else { return SQLITE_MISUSE }
            return GatheredFile.of(file).pointee.control(file, code, argument)
        }
        methods.xSectorSize = { file in
            GatheredMethods.passed(file) { system in system.pointee.pMethods.pointee.xSectorSize?(system) }
        }
        methods.xDeviceCharacteristics = { file in
            GatheredMethods.passed(file) { system in
                system.pointee.pMethods.pointee.xDeviceCharacteristics?(system)
            }
        }
        addMemory(to: &methods)
        return methods
    }

    /// The functions for the memory that the connections of a database share.
    private static func addMemory(to methods: inout sqlite3_io_methods) {
        methods.xShmMap = { file, page, size, extend, memory in
            GatheredMethods.passed(file) { system in
                system.pointee.pMethods.pointee.xShmMap?(system, page, size, extend, memory)
            }
        }
        methods.xShmLock = { file, offset, count, flags in
            GatheredMethods.passed(file) { system in
                system.pointee.pMethods.pointee.xShmLock?(system, offset, count, flags)
            }
        }
        methods.xShmBarrier = { file in
            guard let file else { return }
            let system = GatheredFile.system(file)
            system.pointee.pMethods.pointee.xShmBarrier?(system)
        }
        methods.xShmUnmap = { file, shouldDelete in
            GatheredMethods.passed(file) { system in
                system.pointee.pMethods.pointee.xShmUnmap?(system, shouldDelete)
            }
        }
    }

    /// Asks the system's file, once it has everything.
    private static func flushed(
        _ file: UnsafeMutablePointer<sqlite3_file>?,
        _ ask: (UnsafeMutablePointer<sqlite3_file>) -> Int32?
    ) -> Int32 {
        guard let file else { return SQLITE_MISUSE }
        let code = GatheredFile.of(file).pointee.handOver(file)
        return code == SQLITE_OK ? ask(GatheredFile.system(file)) ?? SQLITE_MISUSE : code
    }

    /// Asks the system's file.
    private static func passed(
        _ file: UnsafeMutablePointer<sqlite3_file>?,
        _ ask: (UnsafeMutablePointer<sqlite3_file>) -> Int32?
    ) -> Int32 {
        file.flatMap { ask(GatheredFile.system($0)) } ?? SQLITE_MISUSE
    }
}
