# Read by ctest each time it starts, not by cmake: LAB_BIN decides then which tests there are.

cmake_policy(VERSION 3.25)

# Makes one test of each doctest case in the test program `executable`, with the step's number and
# the case's suite as labels. `program` is the name of the program that the cases speak to, or empty
# for unit tests, which say nothing about the programs in LAB_BIN and so are left out with it.
function(register_tests executable label program)
    set(bin "$ENV{LAB_BIN}")
    if(bin STREQUAL "")
        set(bin "${default_bin}")
    elseif(program STREQUAL "")
        return()
    endif()

    if(program AND NOT EXISTS "${bin}/${program}")
        if(program IN_LIST missing_programs)
            return()
        endif()
        set(missing_programs "${missing_programs};${program}" PARENT_SCOPE)
        set(name "${label} there is a program ${bin}/${program}")
        add_test("${name}" "sh" "-c" "echo 'There is no such program. Build it, or set LAB_BIN.'; exit 1")
        set_tests_properties("${name}" PROPERTIES LABELS "${label}")
        return()
    endif()

    execute_process(COMMAND "${executable}" --list-test-cases --reporters=xml
                    OUTPUT_VARIABLE listing COMMAND_ERROR_IS_FATAL ANY)
    string(REGEX MATCHALL "<TestCase [^>]*>" cases "${listing}")
    foreach(case IN LISTS cases)
        string(REGEX REPLACE ".* name=\"([^\"]*)\".*" "\\1" title "${case}")
        string(REGEX REPLACE ".* testsuite=\"([^\"]*)\".*" "\\1" suite "${case}")
        string(REPLACE "&apos;" "'" title "${title}")
        # A comma would separate two filters of doctest.
        string(REPLACE "," "\\," filter "${title}")
        set(name "${label} ${suite}: ${title}")
        add_test("${name}" "${executable}" "--test-case=${filter}" --no-intro --no-version)
        set_tests_properties("${name}" PROPERTIES LABELS "${label};${suite}" TIMEOUT 45
                                                  SKIP_REGULAR_EXPRESSION "SKIPPED: ")
    endforeach()
endfunction()
